let magic = "camelkv1"

type outcome = Complete of int | Torn of int | Damaged of int

let rec records input apply offset =
  match Record.read input with
  | End -> Complete offset
  | Torn -> Torn offset
  | Damaged -> Damaged offset
  | Record payload -> (
      match Mutation.decode payload with
      | None -> Damaged offset
      | Some mutation ->
          apply mutation;
          records input apply
            (offset + Record.header_size + String.length payload))

let run input apply =
  let start = input (String.length magic) in
  if start = magic then records input apply (String.length magic)
  else if start = "" then Complete 0
  else if String.starts_with ~prefix:start magic then Torn 0
  else Damaged 0
