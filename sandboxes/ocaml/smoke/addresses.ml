let () =
  assert (Ipaddr.to_string (Ipaddr.of_string_exn "::1") = "::1");
  assert (Result.is_ok (Domain_name.of_string "example.org"))
