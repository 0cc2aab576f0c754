let max_bulk = 64 * 1024 * 1024
let max_words = 1024 * 1024
let max_line = 64

type error =
  | Expected of { wanted : char; got : char }
  | Bad_count
  | Bad_length
  | Line_too_long
  | Bare_line_feed
  | Bulk_without_crlf

let describe = function
  | Expected { wanted; got } ->
      Printf.sprintf "expected '%c', got %C" wanted got
  | Bad_count -> "invalid multibulk length"
  | Bad_length -> "invalid bulk length"
  | Line_too_long -> "length line too long"
  | Bare_line_feed -> "length line ends with LF alone"
  | Bulk_without_crlf -> "bulk string is not followed by CRLF"

type request = { missing : int; words : string list (* newest first *) }

type state =
  | Count of string (* the count line so far *)
  | Length of request * string (* the length line so far *)
  | Body of request * bytes * int (* how much of the body is there *)
  | Ending of request * string * bool (* a whole body; whether CR has come *)

type progress = { requests : string list list; next : (state, error) result }
type cursor = { chunk : bytes; stop : int; mutable pos : int }
type step = Wait of state | Request of string list

let start = Count ""
let ( let* ) = Result.bind
let at_end cursor = cursor.pos >= cursor.stop

(* The line that starts with [before], up to but without its CRLF. *)
let line cursor ~sigil before =
  let limit = min cursor.stop (cursor.pos + max_line + 2) in
  let rec find i =
    if i >= limit || Bytes.get cursor.chunk i = '\n' then i else find (i + 1)
  in
  let found = find cursor.pos in
  let text =
    before ^ Bytes.sub_string cursor.chunk cursor.pos (found - cursor.pos)
  in
  let length = String.length text in
  if length > 0 && text.[0] <> sigil then
    Error (Expected { wanted = sigil; got = text.[0] })
  else if found < limit then
    if length > 0 && text.[length - 1] = '\r' then
      if length - 1 > max_line then Error Line_too_long
      else (
        cursor.pos <- found + 1;
        Ok (`Whole (String.sub text 1 (length - 2))))
    else Error Bare_line_feed
  else if length > max_line + 1 then Error Line_too_long
  else (
    cursor.pos <- found;
    Ok (`Part text))

let number text ~most ~otherwise =
  let digit acc c =
    match (acc, c) with
    | Some n, '0' .. '9' ->
        let n = (n * 10) + Char.code c - Char.code '0' in
        if n <= most then Some n else None
    | _ -> None
  in
  match String.fold_left digit (Some 0) text with
  | Some n when text <> "" -> Ok n
  | Some _ | None -> Error otherwise

let rec step cursor = function
  | Count before -> (
      let* line = line cursor ~sigil:'*' before in
      match line with
      | `Part text -> Ok (Wait (Count text))
      | `Whole text ->
          let* count = number text ~most:max_words ~otherwise:Bad_count in
          if count = 0 then step cursor start
          else step cursor (Length ({ missing = count; words = [] }, "")))
  | Length (request, before) -> (
      let* line = line cursor ~sigil:'$' before in
      match line with
      | `Part text -> Ok (Wait (Length (request, text)))
      | `Whole text ->
          let* length = number text ~most:max_bulk ~otherwise:Bad_length in
          step cursor (Body (request, Bytes.create length, 0)))
  | Body (request, body, filled) ->
      let n = min (Bytes.length body - filled) (cursor.stop - cursor.pos) in
      Bytes.blit cursor.chunk cursor.pos body filled n;
      cursor.pos <- cursor.pos + n;
      if filled + n < Bytes.length body then
        Ok (Wait (Body (request, body, filled + n)))
      else step cursor (Ending (request, Bytes.unsafe_to_string body, false))
  | Ending (request, word, seen_cr) as state -> (
      if at_end cursor then Ok (Wait state)
      else
        let c = Bytes.get cursor.chunk cursor.pos in
        cursor.pos <- cursor.pos + 1;
        match (seen_cr, c) with
        | false, '\r' -> step cursor (Ending (request, word, true))
        | true, '\n' -> next_word cursor request word
        | _ -> Error Bulk_without_crlf)

and next_word cursor { missing; words } word =
  let words = word :: words in
  if missing = 1 then Ok (Request (List.rev words))
  else step cursor (Length ({ missing = missing - 1; words }, ""))

let feed state chunk ~pos ~len =
  let cursor = { chunk; pos; stop = pos + len } in
  let rec go requests state =
    match step cursor state with
    | Ok (Request words) -> go (words :: requests) start
    | Ok (Wait state) -> { requests = List.rev requests; next = Ok state }
    | Error error -> { requests = List.rev requests; next = Error error }
  in
  go [] state
