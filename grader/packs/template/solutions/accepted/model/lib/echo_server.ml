let listen ~port =
  let socket = Unix.socket ~cloexec:true Unix.PF_INET Unix.SOCK_STREAM 0 in
  Unix.setsockopt socket Unix.SO_REUSEADDR true;
  Unix.bind socket (Unix.ADDR_INET (Unix.inet_addr_loopback, port));
  Unix.listen socket 128;
  socket

let rec echo client buffer =
  match Unix.read client buffer 0 (Bytes.length buffer) with
  | 0 -> ()
  | length ->
      (* [Unix.write] repeats until all of it is written. *)
      let (_ : int) = Unix.write client buffer 0 length in
      echo client buffer

(* A client that goes away ends its own thread and nothing else. *)
let serve client =
  Fun.protect
    ~finally:(fun () -> Unix.close client)
    (fun () ->
      try echo client (Bytes.create 65536)
      with Unix.Unix_error ((Unix.EPIPE | Unix.ECONNRESET), _, _) -> ())

let run ~port =
  Sys.set_signal Sys.sigpipe Sys.Signal_ignore;
  let socket = listen ~port in
  let rec loop () =
    let client, _ = Unix.accept ~cloexec:true socket in
    let (_ : Thread.t) = Thread.create serve client in
    loop ()
  in
  loop ()
