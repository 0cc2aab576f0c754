open Kv

let encode words =
  let bulk word = Printf.sprintf "$%d\r\n%s\r\n" (String.length word) word in
  Printf.sprintf "*%d\r\n%s" (List.length words)
    (String.concat "" (List.map bulk words))

(* Feeds the pieces one by one, as the network might deliver them. *)
let read pieces =
  let feed (requests, state) piece =
    match state with
    | Error _ -> (requests, state)
    | Ok state ->
        let chunk = Bytes.of_string piece in
        let len = Bytes.length chunk in
        let { Resp.requests = more; next } =
          Resp.feed state chunk ~pos:0 ~len
        in
        (requests @ more, next)
  in
  List.fold_left feed ([], Ok Resp.start) pieces

let rec cut text = function
  | size :: sizes when size < String.length text ->
      let rest = String.sub text size (String.length text - size) in
      String.sub text 0 size :: cut rest sizes
  | _ -> [ text ]

let any_cut =
  let open QCheck in
  let words = list_of_size (Gen.int_range 1 4) string in
  let arbitrary = pair (small_list words) (small_list (int_range 0 9)) in
  Test.make ~name:"any cut gives the same requests" arbitrary
    (fun (requests, sizes) ->
      let text = String.concat "" (List.map encode requests) in
      fst (read (cut text sizes)) = requests)

let every_cut () =
  let requests = [ [ "SET"; "a\r\nb"; "" ]; [ "GET"; "\000" ] ] in
  let text = String.concat "" (List.map encode requests) in
  for at = 0 to String.length text do
    Alcotest.(check (list (list string)))
      (string_of_int at) requests
      (fst (read (cut text [ at ])))
  done

let malformed text () =
  let whole = read [ "*1\r\n$4\r\nPING\r\n" ^ text ] in
  let bytes = List.init (String.length text) (String.sub text) in
  let bytewise = read (List.map (fun byte -> byte 1) bytes) in
  Alcotest.(check bool) "refused at once" true (Result.is_error (snd whole));
  Alcotest.(check bool) "byte by byte" true (Result.is_error (snd bytewise));
  Alcotest.(check int) "the request before counts" 1 (List.length (fst whole))

let bad =
  [
    "PING\r\n";
    "*x\r\n";
    "*-1\r\n";
    "*+1\r\n";
    "*\r\n";
    "*1\n";
    "*1048577\r\n";
    "*1\r\n:1\r\n";
    "*1\r\n$-1\r\n";
    "*1\r\n$67108865\r\n";
    "*1\r\n$99999999999999999999\r\n";
    "*1\r\n$1\r\nab\r\n";
    "*1\r\n$1\r\na\n";
    "*" ^ String.make 70 '0';
  ]

let skipped () =
  Alcotest.(check (list (list string)))
    "nothing, then PING" [ [ "PING" ] ]
    (fst (read [ "*0\r\n*1\r\n$4\r\nPING\r\n" ]))

let cases =
  Alcotest.test_case "cut at every byte" `Quick every_cut
  :: Alcotest.test_case "empty array" `Quick skipped
  :: QCheck_alcotest.to_alcotest any_cut
  :: List.map
       (fun text ->
         let name = Printf.sprintf "malformed %S" text in
         Alcotest.test_case name `Quick (malformed text))
       bad
