type t =
  | Set of (string * string) list
  | Append of { key : string; suffix : string }
  | Delete of string list
  | Clear

let long = 4096

(* A tag byte, the number of strings, then each string after its length;
   numbers have 32 bits, little endian. *)
let encode_strings tag strings =
  let small = Buffer.create 64 in
  let add parts text =
    Buffer.add_int32_le small (Int32.of_int (String.length text));
    if String.length text < long then (
      Buffer.add_string small text;
      parts)
    else
      let before = Buffer.contents small in
      Buffer.clear small;
      text :: before :: parts
  in
  Buffer.add_char small tag;
  Buffer.add_int32_le small (Int32.of_int (List.length strings));
  let parts = List.fold_left add [] strings in
  List.rev (Buffer.contents small :: parts)

let encode = function
  | Set pairs ->
      encode_strings 'S' (List.concat_map (fun (k, v) -> [ k; v ]) pairs)
  | Append { key; suffix } -> encode_strings 'A' [ key; suffix ]
  | Delete keys -> encode_strings 'D' keys
  | Clear -> encode_strings 'C' []

exception Garbled

let decode_strings bytes =
  let size = String.length bytes in
  let number pos =
    if pos + 4 > size then raise Garbled;
    Int32.to_int (String.get_int32_le bytes pos) land 0xffffffff
  in
  let rec go pos left strings =
    if left = 0 then if pos = size then List.rev strings else raise Garbled
    else
      let length = number pos in
      if pos + 4 + length > size then raise Garbled;
      let text = String.sub bytes (pos + 4) length in
      go (pos + 4 + length) (left - 1) (text :: strings)
  in
  if size = 0 then raise Garbled else (bytes.[0], go 5 (number 1) [])

let rec pairs = function
  | [] -> []
  | key :: value :: rest -> (key, value) :: pairs rest
  | [ _ ] -> raise Garbled

let of_strings = function
  | 'S', strings -> Set (pairs strings)
  | 'A', [ key; suffix ] -> Append { key; suffix }
  | 'D', keys -> Delete keys
  | 'C', [] -> Clear
  | _, _ -> raise Garbled

let decode bytes =
  match of_strings (decode_strings bytes) with
  | mutation -> Some mutation
  | exception Garbled -> None
