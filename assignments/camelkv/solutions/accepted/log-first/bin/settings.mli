(** The command line, as a value. *)

type fsync = Always | Every_second | Never

type t = {
  port : int;
  bind : Unix.inet_addr;
  dir : string;
  fsync : fsync;
  maxmemory : int option;
  max_clients : int;
}

val parse : string array -> (t, int) result
(** The settings, or the code to exit with once help (0) or an error (64) has
    been printed. *)
