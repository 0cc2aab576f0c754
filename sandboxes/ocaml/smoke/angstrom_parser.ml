let () =
  let digits = Angstrom.take_while1 (fun c -> c >= '0' && c <= '9') in
  assert (Angstrom.parse_string ~consume:All digits "42" = Ok "42")
