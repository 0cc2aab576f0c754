open Cmdliner

type fsync = Always | Every_second | Never

type t = {
  port : int;
  bind : Unix.inet_addr;
  dir : string;
  fsync : fsync;
  maxmemory : int option;
  max_clients : int;
}

let number ~most =
  let parse text =
    match Option.bind (Kv.Decimal.parse text) Int64.unsigned_to_int with
    | Some n when n >= 1 && n <= most -> Ok n
    | Some _ | None ->
        Error
          (`Msg (Printf.sprintf "%s is not a number from 1 to %d" text most))
  in
  Arg.conv ~docv:"N" (parse, Format.pp_print_int)

let address =
  let parse text =
    match Unix.inet_addr_of_string text with
    | address -> Ok address
    | exception Failure _ ->
        Error (`Msg (Printf.sprintf "%s is not an IP address" text))
  in
  let print out address =
    Format.pp_print_string out (Unix.string_of_inet_addr address)
  in
  Arg.conv ~docv:"ADDR" (parse, print)

let port =
  let doc = "Listen on TCP port $(docv)." in
  Arg.(required & opt (some (number ~most:65535)) None & info [ "port" ] ~doc)

let bind =
  let doc = "Listen on address $(docv)." in
  Arg.(value & opt address Unix.inet_addr_loopback & info [ "bind" ] ~doc)

let dir =
  let doc = "Keep the log in the existing folder $(docv)." in
  let docv = "DIR" in
  Arg.(required & opt (some string) None & info [ "dir" ] ~doc ~docv)

let fsync =
  let doc = "Synchronise the log $(docv): always, everysec or never." in
  let docv = "WHEN" in
  let words =
    [ ("always", Always); ("everysec", Every_second); ("never", Never) ]
  in
  Arg.(value & opt (enum words) Every_second & info [ "fsync" ] ~doc ~docv)

let maxmemory =
  let doc = "Refuse writes that take keys and values past $(docv) bytes." in
  let size = Arg.some (number ~most:max_int) in
  Arg.(value & opt size None & info [ "maxmemory" ] ~doc)

let max_clients =
  let doc = "Serve at most $(docv) clients at one time." in
  Arg.(value & opt (number ~most:max_int) 10_000 & info [ "max-clients" ] ~doc)

let term =
  let make port bind dir fsync maxmemory max_clients =
    { port; bind; dir; fsync; maxmemory; max_clients }
  in
  Term.(const make $ port $ bind $ dir $ fsync $ maxmemory $ max_clients)

let usage_error = 64

let parse argv =
  let info = Cmd.info "camelkv" ~doc:"A durable key-value server." in
  match Cmd.eval_value ~argv (Cmd.v info term) with
  | Ok (`Ok settings) -> Ok settings
  | Ok (`Help | `Version) -> Error 0
  | Error (`Parse | `Term | `Exn) -> Error usage_error
