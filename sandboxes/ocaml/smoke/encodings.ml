let () =
  assert (Hex.show (Hex.of_string "a") = "61");
  assert (Base64.encode_string "a" = "YQ==")
