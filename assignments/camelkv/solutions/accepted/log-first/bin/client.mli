(** One connected client. *)

type shared = { store : Kv.Store.t; log : Log_file.t; maxmemory : int option }
(** What all clients work on. *)

val serve : shared -> Lwt_unix.file_descr -> unit Lwt.t
(** Answers the client until it leaves, breaks the protocol, or stops reading;
    then closes the descriptor. Never fails. *)

val turn_away : Lwt_unix.file_descr -> string -> unit Lwt.t
(** Answers with this error and closes. Never fails. *)
