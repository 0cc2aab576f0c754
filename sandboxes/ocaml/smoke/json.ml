let () = assert (Yojson.Safe.from_string {|{"a":1}|} = `Assoc [ ("a", `Int 1) ])
