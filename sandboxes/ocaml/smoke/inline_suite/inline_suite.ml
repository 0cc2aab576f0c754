let%test "one" = 1 = 1

let%expect_test "two" =
  print_string "two";
  [%expect {| two |}]
