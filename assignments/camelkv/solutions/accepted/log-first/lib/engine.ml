type outcome = { reply : Reply.t; change : Mutation.t option; quit : bool }

let answer reply = { reply; change = None; quit = false }
let change mutation reply = { reply; change = Some mutation; quit = false }
let refuse text = answer (Reply.Error text)
let integer n = Reply.Integer (Int64.of_int n)

let set store ~key ~value condition =
  let allowed =
    match condition with
    | Command.Always -> true
    | If_absent -> not (Store.mem store key)
    | If_present -> Store.mem store key
  in
  if allowed then change (Set [ (key, value) ]) Reply.Ok else answer Reply.Null

let delete store keys =
  let present = List.filter (Store.mem store) keys in
  match List.sort_uniq String.compare present with
  | [] -> answer (integer 0)
  | keys -> change (Delete keys) (integer (List.length keys))

let add store ~key ~delta =
  match
    Option.fold ~none:(Some 0L) ~some:Decimal.parse (Store.find store key)
  with
  | None -> refuse "ERR value is not an integer or out of range"
  | Some n -> (
      match Decimal.add n delta with
      | None -> refuse "ERR increment or decrement would overflow"
      | Some sum ->
          change (Set [ (key, Int64.to_string sum) ]) (Reply.Integer sum))

let length store key =
  Option.fold ~none:0 ~some:String.length (Store.find store key)

let append store ~key ~value =
  let total = length store key + String.length value in
  if total > Resp.max_bulk then
    refuse "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
  else change (Append { key; suffix = value }) (integer total)

let interpret store = function
  | Command.Ping None -> answer Reply.Pong
  | Ping (Some message) | Echo message -> answer (Reply.Bulk message)
  | Set { key; value; condition } -> set store ~key ~value condition
  | Get key -> answer (Reply.of_option (Store.find store key))
  | Delete keys -> delete store keys
  | Exists keys ->
      answer (integer (List.length (List.filter (Store.mem store) keys)))
  | Add { key; delta } -> add store ~key ~delta
  | Append { key; value } -> append store ~key ~value
  | Length key -> answer (integer (length store key))
  | Get_many keys ->
      let value key = Reply.of_option (Store.find store key) in
      answer (Reply.Array (List.map value keys))
  | Set_many pairs -> change (Set pairs) Reply.Ok
  | Count -> answer (integer (Store.count store))
  | Clear -> change Clear Reply.Ok
  | Quit -> { reply = Reply.Ok; change = None; quit = true }
  | Describe -> answer (Reply.Array [])
  | Client -> answer Reply.Ok

let grows = function
  | Mutation.Set _ | Append _ -> true
  | Delete _ | Clear -> false

let decide store ~maxmemory words =
  match Command.parse words with
  | Error error -> refuse (Command.describe error)
  | Ok command -> (
      let outcome = interpret store command in
      match (maxmemory, outcome.change) with
      | Some most, Some change
        when grows change && Store.bytes_after store change > most ->
          refuse "OOM command not allowed when used memory > 'maxmemory'."
      | _, _ -> outcome)
