let () =
  assert (
    Z.to_string (Z.pow (Z.of_int 2) 100) = "1267650600228229401496703205376")
