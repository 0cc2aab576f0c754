(** A queue of bytes on their way to a file descriptor. Short strings are
    joined, so that many replies leave in one write; long ones are kept as they
    are, so that a large value is never copied. *)

type t

val create : unit -> t

val size : t -> int
(** How many bytes are waiting. *)

val add : t -> string -> unit

val transfer : t -> into:t -> unit
(** Moves all bytes of the first queue behind those of the second. *)

val next : t -> (string * int * int) option
(** The string to write next, the position to start at, and how many of its
    bytes are waiting; [None] when the queue is empty. *)

val drop : t -> int -> unit
(** [drop t n] forgets the first [n] bytes, at most as many as [next] showed. *)
