(** Runs the unit tests. *)
