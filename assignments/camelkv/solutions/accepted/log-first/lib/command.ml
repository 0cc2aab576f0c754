type condition = Always | If_absent | If_present

type t =
  | Ping of string option
  | Echo of string
  | Set of { key : string; value : string; condition : condition }
  | Get of string
  | Delete of string list
  | Exists of string list
  | Add of { key : string; delta : int64 }
  | Append of { key : string; value : string }
  | Length of string
  | Get_many of string list
  | Set_many of (string * string) list
  | Count
  | Clear
  | Quit
  | Describe
  | Client

type error =
  | Unknown of { name : string; arguments : string list }
  | Arity of string
  | Syntax
  | Not_an_integer
  | Decrement_overflow

let condition = function
  | [] -> Ok Always
  | [ option ] -> (
      match String.lowercase_ascii option with
      | "nx" -> Ok If_absent
      | "xx" -> Ok If_present
      | _ -> Error Syntax)
  | _ :: _ :: _ -> Error Syntax

let integer text = Option.to_result ~none:Not_an_integer (Decimal.parse text)
let negated n = Option.to_result ~none:Decrement_overflow (Decimal.negate n)

let rec pairs = function
  | [] -> Some []
  | [ _ ] -> None
  | key :: value :: rest ->
      Option.map (fun rest -> (key, value) :: rest) (pairs rest)

let add key delta = Result.map (fun delta -> Add { key; delta }) delta

let recognise name arguments =
  match (String.lowercase_ascii name, arguments) with
  | "ping", [] -> Ok (Ping None)
  | "ping", [ message ] -> Ok (Ping (Some message))
  | "echo", [ message ] -> Ok (Echo message)
  | "set", key :: value :: options ->
      let set condition = Set { key; value; condition } in
      Result.map set (condition options)
  | "get", [ key ] -> Ok (Get key)
  | "del", (_ :: _ as keys) -> Ok (Delete keys)
  | "exists", (_ :: _ as keys) -> Ok (Exists keys)
  | "incr", [ key ] -> add key (Ok 1L)
  | "decr", [ key ] -> add key (Ok (-1L))
  | "incrby", [ key; by ] -> add key (integer by)
  | "decrby", [ key; by ] -> add key (Result.bind (integer by) negated)
  | "append", [ key; value ] -> Ok (Append { key; value })
  | "strlen", [ key ] -> Ok (Length key)
  | "mget", (_ :: _ as keys) -> Ok (Get_many keys)
  | "mset", (_ :: _ as words) ->
      let set_many = Option.map (fun pairs -> Set_many pairs) (pairs words) in
      Option.to_result ~none:(Arity "mset") set_many
  | "dbsize", [] -> Ok Count
  | "flushall", [] -> Ok Clear
  | "quit", _ -> Ok Quit
  | "command", _ | "config", _ :: _ -> Ok Describe
  | "client", _ :: _ -> Ok Client
  | ( (( "ping" | "echo" | "set" | "get" | "del" | "exists" | "incr" | "decr"
       | "incrby" | "decrby" | "append" | "strlen" | "mget" | "mset" | "dbsize"
       | "flushall" | "config" | "client" ) as name),
      _ ) ->
      Error (Arity name)
  | _ -> Error (Unknown { name; arguments })

let parse = function
  | name :: arguments -> recognise name arguments
  | [] -> Error (Unknown { name = ""; arguments = [] })

let shown text =
  let text = String.sub text 0 (min 128 (String.length text)) in
  String.map (function '\r' | '\n' -> ' ' | c -> c) text

let describe = function
  | Unknown { name; arguments } ->
      let first = List.filteri (fun i _ -> i < 8) arguments in
      let quoted = List.map (fun a -> Printf.sprintf "'%s' " (shown a)) first in
      Printf.sprintf "ERR unknown command '%s', with args beginning with: %s"
        (shown name) (String.concat "" quoted)
  | Arity name ->
      Printf.sprintf "ERR wrong number of arguments for '%s' command" name
  | Syntax -> "ERR syntax error"
  | Not_an_integer -> "ERR value is not an integer or out of range"
  | Decrement_overflow -> "ERR decrement would overflow"
