type t =
  | Set of (string * string) list
  | Append of { key : string; suffix : string }
  | Delete of string list
  | Clear
