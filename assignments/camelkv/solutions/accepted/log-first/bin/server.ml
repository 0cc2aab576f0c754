open Lwt.Syntax

let backlog = 1024

let listen address port =
  let domain = Unix.domain_of_sockaddr (ADDR_INET (address, port)) in
  let socket = Unix.socket ~cloexec:true domain SOCK_STREAM 0 in
  Unix.setsockopt socket SO_REUSEADDR true;
  Unix.bind socket (ADDR_INET (address, port));
  Unix.listen socket backlog;
  Lwt_unix.of_unix_file_descr socket

(* Without a free descriptor the client stays in the backlog; trying again at
   once would only burn the processor. *)
let rec accept socket =
  Lwt.catch
    (fun () -> Lwt.map fst (Lwt_unix.accept ~cloexec:true socket))
    (function
      | Unix.Unix_error ((EMFILE | ENFILE | ENOBUFS | ENOMEM), _, _) ->
          let* () = Lwt_unix.sleep 0.05 in
          accept socket
      | Unix.Unix_error ((ECONNABORTED | EINTR), _, _) -> accept socket
      | other -> Lwt.reraise other)

let prepare fd =
  try
    Lwt_unix.setsockopt fd TCP_NODELAY true;
    Lwt_unix.setsockopt fd SO_KEEPALIVE true
  with Unix.Unix_error _ -> (* The client has left already. *) ()

let run shared ~max_clients socket =
  let clients = ref 0 in
  let serve fd =
    incr clients;
    Lwt.finalize
      (fun () -> Client.serve shared fd)
      (fun () ->
        decr clients;
        Lwt.return_unit)
  in
  let rec loop () =
    let* fd = accept socket in
    prepare fd;
    Lwt.async (fun () ->
        if !clients < max_clients then serve fd
        else Client.turn_away fd "ERR max number of clients reached");
    loop ()
  in
  loop ()
