type t = {
  whole : string Queue.t;
  tail : Buffer.t; (* short strings, behind all of [whole] *)
  mutable offset : int; (* bytes of the first string that are gone *)
  mutable size : int;
}

let long = 4096
let full = 65536

let create () =
  { whole = Queue.create (); tail = Buffer.create 256; offset = 0; size = 0 }

let size t = t.size

(* [Buffer.reset] gives a grown buffer back, so an idle client costs little. *)
let seal t =
  if Buffer.length t.tail > 0 then (
    Queue.add (Buffer.contents t.tail) t.whole;
    Buffer.reset t.tail)

let add t text =
  let length = String.length text in
  if length < long then (
    Buffer.add_string t.tail text;
    if Buffer.length t.tail >= full then seal t)
  else (
    seal t;
    Queue.add text t.whole);
  t.size <- t.size + length

let transfer t ~into =
  seal t;
  seal into;
  Queue.transfer t.whole into.whole;
  into.size <- into.size + t.size;
  t.size <- 0

let next t =
  if Queue.is_empty t.whole then seal t;
  let show text = (text, t.offset, String.length text - t.offset) in
  Option.map show (Queue.peek_opt t.whole)

let drop t n =
  t.size <- t.size - n;
  t.offset <- t.offset + n;
  match Queue.peek_opt t.whole with
  | Some text when t.offset >= String.length text ->
      ignore (Queue.pop t.whole);
      t.offset <- 0
  | Some _ | None -> ()
