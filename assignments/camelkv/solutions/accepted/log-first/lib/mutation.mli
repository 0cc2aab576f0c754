(** A change of the store: what the log records, and the only way the store
    changes, both while serving and during recovery. *)

type t =
  | Set of (string * string) list  (** in order, as one atomic change *)
  | Append of { key : string; suffix : string }
  | Delete of string list
  | Clear

val encode : t -> string list
(** The change as bytes, in parts: long strings are passed on without a copy. *)

val decode : string -> t option
(** The opposite of [encode], given the parts as one string; [None] for bytes
    that [encode] never produces. *)
