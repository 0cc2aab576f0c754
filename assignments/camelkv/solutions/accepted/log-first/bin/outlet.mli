(** Replies on their way to one client: sent as fast as it reads, in the
    background, and bounded for one that does not. *)

type t

exception Stuck
(** The client reads nothing, or has gone. *)

val slice : int
(** Replies should be handed over in lots of about this many bytes. *)

val make : Lwt_unix.file_descr -> t

val send : t -> Kv.Pieces.t -> unit Lwt.t
(** Takes all the pieces. Resolves at once while less than 32 MiB wait, one lot
    included; otherwise when the client has read enough. Fails with {!Stuck}
    when it reads nothing for 5 s. *)

val flush : t -> unit Lwt.t
(** Resolves when the client has taken everything. Fails like [send]. *)

val abandon : t -> unit
(** Sends nothing more. *)
