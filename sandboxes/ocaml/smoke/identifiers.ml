let () =
  let id = Uuidm.v5 Uuidm.ns_dns "example.org" in
  assert (Uuidm.of_string (Uuidm.to_string id) = Some id)
