open Kv

let parse text expected () =
  Alcotest.(check (option int64)) text expected (Decimal.parse text)

let table =
  [
    ("0", Some 0L);
    ("-1", Some (-1L));
    ("4611686018427387904", Some 4611686018427387904L);
    ("9223372036854775807", Some Int64.max_int);
    ("-9223372036854775808", Some Int64.min_int);
    ("9223372036854775808", None);
    ("", None);
    ("-", None);
    ("-0", None);
    ("+5", None);
    ("007", None);
    ("0x10", None);
    ("1_000", None);
    (" 1", None);
    ("1\n", None);
    ("1.0", None);
  ]

let overflow () =
  let check = Alcotest.(check (option int64)) in
  check "up" None (Decimal.add Int64.max_int 1L);
  check "down" None (Decimal.add Int64.min_int (-1L));
  check "to the edge" (Some Int64.max_int) (Decimal.add Int64.max_int 0L);
  check "across" (Some (-1L)) (Decimal.add Int64.max_int Int64.min_int)

let round_trip =
  QCheck.Test.make ~name:"every int64 is read back" QCheck.int64 (fun n ->
      Decimal.parse (Int64.to_string n) = Some n)

let cases =
  List.map
    (fun (text, expected) ->
      Alcotest.test_case (Printf.sprintf "%S" text) `Quick (parse text expected))
    table
  @ [
      Alcotest.test_case "overflow" `Quick overflow;
      QCheck_alcotest.to_alcotest round_trip;
    ]
