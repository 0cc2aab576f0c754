open Cmdliner

(* One client at a time, one read at a time, and PING is all it knows. *)
let rec answer client buffer =
  let length = Unix.read client buffer 0 (Bytes.length buffer) in
  if length > 0 then (
    let text = Bytes.sub_string buffer 0 length in
    let ping = Re.execp (Re.compile (Re.str "PING")) text in
    let reply = if ping then "+PONG\r\n" else "-ERR not written yet\r\n" in
    ignore (Unix.write_substring client reply 0 (String.length reply));
    answer client buffer)

let rec accept socket =
  let client, _ = Unix.accept ~cloexec:true socket in
  answer client (Bytes.create 4096);
  Unix.close client;
  accept socket

let serve port bind _dir _fsync _maxmemory _max_clients =
  let address = Unix.ADDR_INET (Unix.inet_addr_of_string bind, port) in
  let domain = Unix.domain_of_sockaddr address in
  let socket = Unix.socket ~cloexec:true domain SOCK_STREAM 0 in
  Unix.setsockopt socket SO_REUSEADDR true;
  Unix.bind socket address;
  Unix.listen socket 16;
  Printf.printf "ready port=%d\n%!" port;
  accept socket

let port =
  let doc = "Listen on TCP port $(docv)." in
  Arg.(required & opt (some int) None & info [ "port" ] ~doc ~docv:"N")

let bind =
  let doc = "Listen on address $(docv)." in
  Arg.(value & opt string "127.0.0.1" & info [ "bind" ] ~doc ~docv:"ADDR")

let dir =
  let doc = "Keep the log in the existing folder $(docv)." in
  Arg.(required & opt (some string) None & info [ "dir" ] ~doc ~docv:"DIR")

let fsync =
  let doc = "Synchronise the log $(docv): always, everysec or never." in
  let when_ =
    Arg.enum [ ("always", `Always); ("everysec", `Everysec); ("never", `Never) ]
  in
  Arg.(value & opt when_ `Everysec & info [ "fsync" ] ~doc ~docv:"WHEN")

let maxmemory =
  let doc = "Refuse writes that take keys and values past $(docv) bytes." in
  Arg.(value & opt (some int) None & info [ "maxmemory" ] ~doc ~docv:"BYTES")

let max_clients =
  let doc = "Serve at most $(docv) clients at one time." in
  Arg.(value & opt int 10_000 & info [ "max-clients" ] ~doc ~docv:"N")

let () =
  let term =
    Term.(const serve $ port $ bind $ dir $ fsync $ maxmemory $ max_clients)
  in
  exit (Cmd.eval (Cmd.v (Cmd.info "camelkv") term))
