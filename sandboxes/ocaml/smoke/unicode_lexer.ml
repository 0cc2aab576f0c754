let rec count buffer n =
  match%sedlex buffer with alphabetic -> count buffer (n + 1) | _ -> n

let () = assert (count (Sedlexing.Utf8.from_string "caf\xc3\xa9") 0 = 4)
