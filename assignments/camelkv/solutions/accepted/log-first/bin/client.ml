open Kv
open Lwt.Syntax

type shared = { store : Store.t; log : Log_file.t; maxmemory : int option }

type t = {
  shared : shared;
  fd : Lwt_unix.file_descr;
  held : Pieces.t; (* replies of the requests that are being executed *)
  outlet : Outlet.t;
}

(* Shared by all clients: the bytes are parsed before anyone else runs. *)
let chunk = Bytes.create 65536

let rec receive t =
  match Unix.read (Lwt_unix.unix_file_descr t.fd) chunk 0 65536 with
  | n -> Lwt.return n
  | exception Unix.Unix_error (EINTR, _, _) -> receive t
  | exception Unix.Unix_error ((EAGAIN | EWOULDBLOCK), _, _) ->
      let* () = Lwt_unix.wait_read t.fd in
      receive t

let release t = Outlet.send t.outlet t.held
let reply t reply = Reply.write (Pieces.add t.held) reply

let execute t words =
  let { store; log; maxmemory } = t.shared in
  let outcome = Engine.decide store ~maxmemory words in
  (match Option.map (fun c -> (c, Log_file.append log c)) outcome.change with
  | None -> reply t outcome.reply
  | Some (change, Ok ()) ->
      Store.apply store change;
      reply t outcome.reply
  | Some (_, Error why) -> reply t (Error ("MISCONF the log failed: " ^ why)));
  if outcome.quit then `Quit else `Continue

let rec execute_all t = function
  | [] -> Lwt.return `Continue
  | words :: rest -> (
      match execute t words with
      | `Quit -> Lwt.return `Quit
      | `Continue when Pieces.size t.held < Outlet.slice -> execute_all t rest
      | `Continue ->
          let* () = release t in
          execute_all t rest)

(* Reading on for a moment before closing: a close with unread input is a reset,
   and the client might lose the last reply. *)
let rec drain t =
  let* n = receive t in
  let* () = Lwt.pause () in
  if n = 0 then Lwt.return_unit else drain t

let finish t =
  let* () = release t in
  let* () = Outlet.flush t.outlet in
  Lwt_unix.shutdown t.fd SHUTDOWN_SEND;
  Lwt.pick [ drain t; Lwt_unix.sleep 1.0 ]

let rec loop t state =
  let* n = receive t in
  if n = 0 then Outlet.flush t.outlet
  else
    let { Resp.requests; next } = Resp.feed state chunk ~pos:0 ~len:n in
    let* verdict = execute_all t requests in
    match (verdict, next) with
    | `Quit, _ -> finish t
    | `Continue, Error error ->
        reply t (Error ("ERR Protocol error: " ^ Resp.describe error));
        finish t
    | `Continue, Ok state ->
        let* () = release t in
        (* A full chunk: there is more, and others have waited. *)
        let more = n = Bytes.length chunk in
        let* () = if more then Lwt.pause () else Lwt.return_unit in
        loop t state

(* What ends one client and nobody else. *)
let leaves = function
  | Outlet.Stuck | Unix.Unix_error _ -> Lwt.return_unit
  | other -> Lwt.reraise other

let close fd = Lwt.catch (fun () -> Lwt_unix.close fd) leaves

let serve shared fd =
  let outlet = Outlet.make fd in
  let t = { shared; fd; held = Pieces.create (); outlet } in
  Lwt.finalize
    (fun () -> Lwt.catch (fun () -> loop t Resp.start) leaves)
    (fun () ->
      Outlet.abandon outlet;
      close fd)

let turn_away fd text =
  let line = Printf.sprintf "-%s\r\n" text in
  let write () =
    let* _ = Lwt_unix.write_string fd line 0 (String.length line) in
    Lwt.return_unit
  in
  Lwt.finalize (fun () -> Lwt.catch write leaves) (fun () -> close fd)
