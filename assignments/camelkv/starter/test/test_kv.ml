let nothing () =
  let requests, next = Kv.Resp.feed Kv.Resp.start "" in
  Alcotest.(check (list (list string))) "no request" [] requests;
  Alcotest.(check bool) "no error" true (Result.is_ok next)

let () =
  Alcotest.run "camelkv"
    [ ("resp", [ Alcotest.test_case "no bytes" `Quick nothing ]) ]
