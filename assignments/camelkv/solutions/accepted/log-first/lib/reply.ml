type t =
  | Ok
  | Pong
  | Error of string
  | Integer of int64
  | Bulk of string
  | Null
  | Array of t list

let of_option = function Some value -> Bulk value | None -> Null

let line add sigil text =
  add (String.make 1 sigil);
  add text;
  add "\r\n"

let rec write add = function
  | Ok -> add "+OK\r\n"
  | Pong -> add "+PONG\r\n"
  | Null -> add "$-1\r\n"
  | Error text -> line add '-' text
  | Integer n -> line add ':' (Int64.to_string n)
  | Bulk value ->
      line add '$' (string_of_int (String.length value));
      add value;
      add "\r\n"
  | Array replies ->
      line add '*' (string_of_int (List.length replies));
      List.iter (write add) replies
