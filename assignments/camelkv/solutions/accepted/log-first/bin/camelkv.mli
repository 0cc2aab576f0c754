(** The program: settings, recovery, serving, and the exit code. *)
