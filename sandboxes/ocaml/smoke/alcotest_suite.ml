let case () = Alcotest.(check int) "one" 1 1

let () =
  Alcotest.run "smoke" [ ("smoke", [ Alcotest.test_case "one" `Quick case ]) ]
