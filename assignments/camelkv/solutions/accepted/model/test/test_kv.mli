(** Runs all unit tests. *)
