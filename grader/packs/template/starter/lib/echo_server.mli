(** A TCP server that sends back what it receives. *)

val run : port:int -> unit
(** [run ~port] listens on 127.0.0.1 and [port] and serves clients. It does not return.

    @raise Unix.Unix_error if the port cannot be bound. *)
