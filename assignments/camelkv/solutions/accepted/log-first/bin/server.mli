(** Listening and accepting. *)

val listen : Unix.inet_addr -> int -> Lwt_unix.file_descr
(** A listening socket. Raises [Unix.Unix_error]. *)

val run : Client.shared -> max_clients:int -> Lwt_unix.file_descr -> 'a Lwt.t
(** Accepts and serves clients, until cancelled. *)
