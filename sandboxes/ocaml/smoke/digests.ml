let () =
  assert (String.length Digestif.SHA256.(to_hex (digest_string "a")) = 64)
