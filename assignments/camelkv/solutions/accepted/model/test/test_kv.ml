let () =
  Alcotest.run "camelkv"
    [
      ("decimal", Test_decimal.cases);
      ("resp", Test_resp.cases);
      ("engine", Test_engine.cases);
      ("log", Test_log.cases);
      ("pieces", Test_pieces.cases);
    ]
