(** Signed 64-bit integers as clients write them, and arithmetic that notices
    when it leaves that range. OCaml's [int] has 63 bits, so these are [int64].
*)

val parse : string -> int64 option
(** [parse text] is the integer that [text] spells in the one canonical way:
    digits with an optional [-], without leading zeros, [+], spaces, [_] or
    [0x]. *)

val add : int64 -> int64 -> int64 option
(** The sum, or [None] when it does not fit in 64 bits. *)

val negate : int64 -> int64 option
(** The opposite, or [None] for [Int64.min_int], which has none. *)
