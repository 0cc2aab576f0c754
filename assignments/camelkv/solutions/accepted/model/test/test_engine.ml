open Kv

let rendered reply =
  let out = Buffer.create 16 in
  Reply.write (Buffer.add_string out) reply;
  Buffer.contents out

let run ?maxmemory store line =
  let words = String.split_on_char ' ' line in
  let { Engine.reply; change; _ } = Engine.decide store ~maxmemory words in
  Option.iter (Store.apply store) change;
  rendered reply

(* Each script: a request and its reply, in order, on one store. *)
let script ?maxmemory steps () =
  let store = Store.create () in
  List.iter
    (fun (line, expected) ->
      Alcotest.(check string) line expected (run ?maxmemory store line))
    steps

let bad_integer = "-ERR value is not an integer or out of range\r\n"
let overflow = "-ERR increment or decrement would overflow\r\n"
let oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

let strings =
  [
    ("SET k v", "+OK\r\n");
    ("get k", "$1\r\nv\r\n");
    ("GET K", "$-1\r\n");
    ("SET k w NX", "$-1\r\n");
    ("SET k w xx", "+OK\r\n");
    ("SET k w NX XX", "-ERR syntax error\r\n");
    ("APPEND k xy", ":3\r\n");
    ("STRLEN k", ":3\r\n");
    ("MSET a 1 b 2 a 3", "+OK\r\n");
    ("MGET a b c", "*3\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n");
    ("EXISTS a a c", ":2\r\n");
    ("DEL a a c", ":1\r\n");
    ("DBSIZE", ":2\r\n");
    ("FLUSHALL", "+OK\r\n");
    ("DBSIZE", ":0\r\n");
  ]

let integers =
  [
    ("INCR n", ":1\r\n");
    ("DECRBY n 3", ":-2\r\n");
    ("INCRBY n 0x10", bad_integer);
    ("DECRBY n -9223372036854775808", "-ERR decrement would overflow\r\n");
    ("SET n 9223372036854775807", "+OK\r\n");
    ("INCR n", overflow);
    ("GET n", "$19\r\n9223372036854775807\r\n");
    ("SET n 4611686018427387903", "+OK\r\n");
    ("INCR n", ":4611686018427387904\r\n");
    ("SET n text", "+OK\r\n");
    ("INCR n", bad_integer);
  ]

let errors =
  [
    ("NOPE a", "-ERR unknown command 'NOPE', with args beginning with: 'a' \r\n");
    ("GET", "-ERR wrong number of arguments for 'get' command\r\n");
    ("MSET a", "-ERR wrong number of arguments for 'mset' command\r\n");
    ("PING a b", "-ERR wrong number of arguments for 'ping' command\r\n");
  ]

let memory =
  [
    ("SET key 1234567", "+OK\r\n");
    ("APPEND key 8", oom);
    ("SET k2 x", oom);
    ("SET key 123456", "+OK\r\n");
    ("MSET k a k b", oom);
    ("MSET k  k ", "+OK\r\n");
    ("INCR n", oom);
    ("DEL key", ":1\r\n");
    ("INCR n", ":1\r\n");
  ]

let cases =
  [
    Alcotest.test_case "strings" `Quick (script strings);
    Alcotest.test_case "integers" `Quick (script integers);
    Alcotest.test_case "errors" `Quick (script errors);
    Alcotest.test_case "maxmemory" `Quick (script ~maxmemory:10 memory);
  ]
