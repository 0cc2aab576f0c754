open Kv

let bytes mutation = String.concat "" (Record.frame (Mutation.encode mutation))

let history =
  [
    Mutation.Set [ ("a", "1"); ("b", String.make 5000 'x') ];
    Append { key = "a"; suffix = "2" };
    Delete [ "b" ];
    Clear;
    Set [ ("last", "value") ];
  ]

let log = Replay.magic ^ String.concat "" (List.map bytes history)
let last = String.length log - String.length (bytes (List.nth history 4))

let replay text =
  let pos = ref 0 and seen = ref [] in
  let input n =
    let n = min n (String.length text - !pos) in
    pos := !pos + n;
    String.sub text (!pos - n) n
  in
  let outcome = Replay.run input (fun change -> seen := change :: !seen) in
  (outcome, List.rev !seen)

let whole () =
  Alcotest.(check bool)
    "all there" true
    (replay log = (Complete (String.length log), history))

let torn () =
  let kept = List.filteri (fun i _ -> i < 4) history in
  for size = last + 1 to String.length log - 1 do
    Alcotest.(check bool)
      (string_of_int size) true
      (replay (String.sub log 0 size) = (Torn last, kept))
  done

let damaged () =
  for at = 0 to last - 1 do
    let changed = Bytes.of_string log in
    Bytes.set changed at (Char.chr (Char.code log.[at] lxor 1));
    match replay (Bytes.to_string changed) with
    | Damaged offset, _ ->
        Alcotest.(check bool) (string_of_int at) true (offset <= at)
    | (Complete _ | Torn _), _ -> Alcotest.failf "byte %d went unnoticed" at
  done

let crc () =
  Alcotest.(check int)
    "check value" 0xCBF43926
    (Crc32.strings [ "1234"; "56789" ])

let cases =
  [
    Alcotest.test_case "crc" `Quick crc;
    Alcotest.test_case "whole" `Quick whole;
    Alcotest.test_case "torn at every byte" `Quick torn;
    Alcotest.test_case "changed at every byte" `Quick damaged;
  ]
