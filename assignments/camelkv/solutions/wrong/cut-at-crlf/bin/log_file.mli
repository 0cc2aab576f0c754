(** The file of the log: recovered when opened, then only appended to. *)

type t

type problem =
  | Unusable of string  (** the folder or the file; says why *)
  | Damaged of { path : string; offset : int }

val describe : problem -> string

val open_ : string -> (Kv.Mutation.t -> unit) -> (t, problem) result
(** [open_ dir apply] recovers the log in the folder [dir], or creates it: calls
    [apply] for each change in it, and cuts off a torn end. A log that another
    process has open is unusable. *)

val append : t -> Kv.Pieces.t -> unit
(** Writes all the pieces and leaves none. Raises [Unix.Unix_error]; the file
    then ends with a torn record. *)

val synchronise : t -> unit Lwt.t
(** [fdatasync] in a thread of its own: others go on while the disk works. *)
