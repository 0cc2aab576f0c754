(** Reading a log from its start. *)

val magic : string
(** The first bytes of a log; they name the format and its version. *)

type outcome =
  | Complete of int  (** the length of the log in bytes *)
  | Torn of int
      (** the file ends inside the record at this offset; what comes before is
          good *)
  | Damaged of int  (** the record at this offset cannot be trusted *)

val run : (int -> string) -> (Mutation.t -> unit) -> outcome
(** [run input apply] calls [apply] for each change in order. [input] is as for
    {!Record.read}; one record is in memory at a time. *)
