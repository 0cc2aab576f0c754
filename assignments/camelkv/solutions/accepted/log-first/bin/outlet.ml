open Kv
open Lwt.Syntax

type t = {
  fd : Lwt_unix.file_descr;
  waiting : Pieces.t;
  moved : unit Lwt_condition.t; (* some of [waiting] left, or never will *)
  mutable sending : bool;
  mutable gone : bool; (* the client takes nothing any more *)
}

exception Stuck

let most = 32 * 1024 * 1024
let slice = 1024 * 1024
let patience = 5.0

let make fd =
  {
    fd;
    waiting = Pieces.create ();
    moved = Lwt_condition.create ();
    sending = false;
    gone = false;
  }

let rec write t =
  match Pieces.next t.waiting with
  | None -> Lwt.return_unit
  | Some (text, pos, len) ->
      let* n = Lwt_unix.write_string t.fd text pos len in
      Pieces.drop t.waiting n;
      Lwt_condition.broadcast t.moved ();
      write t

let abandon t =
  t.gone <- true;
  Lwt_condition.broadcast t.moved ()

let write_in_background t =
  t.sending <- true;
  let write () =
    Lwt.catch
      (fun () -> write t)
      (function
        | Unix.Unix_error _ ->
            abandon t;
            Lwt.return_unit
        | other -> Lwt.reraise other)
  in
  Lwt.async (fun () -> Lwt.map (fun () -> t.sending <- false) (write ()))

let rec wait_for_room t ~at_most =
  if t.gone then Lwt.fail Stuck
  else if Pieces.size t.waiting <= at_most then Lwt.return_unit
  else
    let timeout () =
      let* () = Lwt_unix.sleep patience in
      Lwt.fail Stuck
    in
    let* () = Lwt.pick [ Lwt_condition.wait t.moved; timeout () ] in
    wait_for_room t ~at_most

let send t pieces =
  Pieces.transfer pieces ~into:t.waiting;
  if not (t.sending || t.gone) then write_in_background t;
  wait_for_room t ~at_most:(most - slice)

let flush t = wait_for_room t ~at_most:0
