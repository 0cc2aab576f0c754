open Kv

let rec take pieces at_most out =
  match Pieces.next pieces with
  | None -> ()
  | Some (text, pos, len) ->
      let n = min len at_most in
      Buffer.add_substring out text pos n;
      Pieces.drop pieces n;
      take pieces at_most out

let order =
  let open QCheck in
  let text =
    string_of_size (Gen.oneof [ Gen.int_range 0 9; Gen.return 5000 ])
  in
  let arbitrary =
    triple (int_range 1 6000) (small_list text) (small_list text)
  in
  Test.make ~name:"bytes leave as they came" arbitrary
    (fun (at_most, first, second) ->
      let held = Pieces.create () and ready = Pieces.create () in
      List.iter (Pieces.add ready) first;
      List.iter (Pieces.add held) second;
      Pieces.transfer held ~into:ready;
      let expected = String.concat "" (first @ second) in
      let size = Pieces.size ready and out = Buffer.create 16 in
      take ready at_most out;
      size = String.length expected
      && Buffer.contents out = expected
      && Pieces.size ready = 0
      && Pieces.size held = 0)

let cases = [ QCheck_alcotest.to_alcotest order ]
