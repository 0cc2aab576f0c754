let header_size = 12

type next = Record of string | End | Torn | Damaged

let number n =
  let bytes = Bytes.create 4 in
  Bytes.set_int32_le bytes 0 (Int32.of_int n);
  Bytes.unsafe_to_string bytes

let number_at text pos =
  Int32.to_int (String.get_int32_le text pos) land 0xffffffff

let total parts =
  List.fold_left (fun sum part -> sum + String.length part) 0 parts

let frame payload =
  let length = number (total payload) in
  let sum = number (Crc32.strings payload) in
  String.concat "" [ length; sum; number (Crc32.strings [ length; sum ]) ]
  :: payload

let read_payload input header =
  let length = number_at header 0 in
  let payload = input length in
  if String.length payload < length then Torn
  else if Crc32.strings [ payload ] = number_at header 4 then Record payload
  else if input 1 = "" then
    (* Complete but wrong, and nothing follows: a power cut may leave the last
       write like this, with its length on the disk and its bytes not. *)
    Torn
  else Damaged

let read input =
  let header = input header_size in
  match String.length header with
  | 0 -> End
  | n when n < header_size -> Torn
  | _ when Crc32.strings [ String.sub header 0 8 ] <> number_at header 8 ->
      Damaged
  | _ -> read_payload input header
