(* [Int64.of_string] reads more than a client may write (0x10, 1_000, +5, 007),
   but only canonical text comes back unchanged. *)
let parse text =
  match Int64.of_string_opt text with
  | Some n when String.equal (Int64.to_string n) text -> Some n
  | Some _ | None -> None

let add a b =
  let sum = Int64.add a b in
  let negative n = Int64.compare n 0L < 0 in
  if negative a = negative b && negative sum <> negative a then None
  else Some sum

let negate n = if Int64.equal n Int64.min_int then None else Some (Int64.neg n)
