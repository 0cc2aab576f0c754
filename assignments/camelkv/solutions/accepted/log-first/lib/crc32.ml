let entry n =
  let rec shift left c =
    if left = 0 then c
    else
      shift (left - 1)
        (if c land 1 = 1 then 0xEDB88320 lxor (c lsr 1) else c lsr 1)
  in
  shift 8 n

let table = Array.init 256 entry

let update crc text =
  let crc = ref crc in
  for i = 0 to String.length text - 1 do
    let byte = Char.code (String.unsafe_get text i) in
    (* The index is masked to 8 bits and the table has 256 entries. *)
    crc := Array.unsafe_get table (!crc lxor byte land 0xff) lxor (!crc lsr 8)
  done;
  !crc

let strings texts = List.fold_left update 0xffffffff texts lxor 0xffffffff
