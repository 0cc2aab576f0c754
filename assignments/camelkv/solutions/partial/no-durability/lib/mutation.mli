(** A change of the store. *)

type t =
  | Set of (string * string) list  (** in order, as one atomic change *)
  | Append of { key : string; suffix : string }
  | Delete of string list
  | Clear
