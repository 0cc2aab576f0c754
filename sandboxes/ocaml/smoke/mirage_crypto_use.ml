let () =
  Mirage_crypto_rng_unix.use_default ();
  assert (String.length (Mirage_crypto_rng.generate 8) = 8)
