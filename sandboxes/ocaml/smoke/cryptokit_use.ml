let () =
  assert (
    String.length (Cryptokit.hash_string (Cryptokit.Hash.sha256 ()) "a") = 32)
