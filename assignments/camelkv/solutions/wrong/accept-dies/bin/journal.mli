(** The log, written in batches. *)

type t

val start : Log_file.t -> Settings.fsync -> t

val append : t -> Kv.Mutation.t -> unit
(** Puts the change at the end of the current batch. *)

val settled : t -> unit Lwt.t
(** Resolves when all that was appended until now is as safe as the setting
    promises: a reply that depends on it may then be sent. Never resolves when
    the log cannot be written. *)

val synchronise : t -> unit Lwt.t
(** Like [settled], and on the disk whatever the setting says. *)

val failure : t -> Unix.error Lwt.t
(** Resolves when the log could not be written or synchronised. From then on
    nobody knows what is on the disk, so the process should end. *)
