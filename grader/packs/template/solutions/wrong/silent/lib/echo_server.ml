let listen ~port =
  let socket = Unix.socket ~cloexec:true Unix.PF_INET Unix.SOCK_STREAM 0 in
  Unix.setsockopt socket Unix.SO_REUSEADDR true;
  Unix.bind socket (Unix.ADDR_INET (Unix.inet_addr_loopback, port));
  Unix.listen socket 128;
  socket

let rec swallow client buffer =
  match Unix.read client buffer 0 (Bytes.length buffer) with
  | 0 -> Unix.close client
  | _ -> swallow client buffer
  | exception Unix.Unix_error (Unix.ECONNRESET, _, _) -> Unix.close client

let run ~port =
  let socket = listen ~port in
  let rec loop () =
    let client, _ = Unix.accept ~cloexec:true socket in
    let (_ : Thread.t) = Thread.create (swallow client) (Bytes.create 65536) in
    loop ()
  in
  loop ()
