(** Requests in RESP2: a sketch to start from. Change it as you like. *)

type state
(** What is known of a request that has not arrived whole. *)

val start : state
(** The state between two requests. *)

type error = Malformed of string  (** why, as one line *)

val feed : state -> string -> string list list * (state, error) result
(** [feed state chunk] takes the next bytes of a connection and gives the
    requests that are complete now, each as its words, and how to go on. *)
