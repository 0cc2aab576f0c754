(** The log: recovered when opened, then each change is written before it is
    made, one at a time. *)

type t

type problem =
  | Unusable of string  (** the folder or the file; says why *)
  | Damaged of { path : string; offset : int }

val describe : problem -> string

val open_ :
  dir:string ->
  fsync:Settings.fsync ->
  (Kv.Mutation.t -> unit) ->
  (t, problem) result
(** [open_ ~dir ~fsync apply] recovers the log in the folder [dir], or creates
    it: calls [apply] for each change in it, and cuts off a torn end. *)

val append : t -> Kv.Mutation.t -> (unit, string) result
(** Writes the change, and synchronises it under [Always]. After an error the
    change is not in the log. A failed synchronisation makes every later
    [append] fail: nobody knows what reached the disk. *)

val synchronise : t -> (unit, string) result
