open Kv
open Lwt.Syntax

type batch = { settled : unit Lwt.t; settle : unit Lwt.u }

type t = {
  file : Log_file.t;
  fsync : Settings.fsync;
  pending : Pieces.t; (* appended and not yet written *)
  mutable batch : batch; (* resolves for what is in [pending] *)
  mutable in_flight : unit Lwt.t; (* resolves for what was taken from there *)
  mutable busy : bool; (* whether [commit] runs *)
  mutable unsynchronised : bool;
  failure : Unix.error Lwt.t;
  fail : Unix.error Lwt.u;
}

let new_batch () =
  let settled, settle = Lwt.wait () in
  { settled; settle }

let fdatasync t =
  t.unsynchronised <- false;
  Log_file.synchronise t.file

(* Writes what is pending as one batch, and again while there is more: all
   changes that come while the disk works share the next synchronisation. *)
let rec commit t =
  let { settled; settle } = t.batch in
  t.batch <- new_batch ();
  t.in_flight <- settled;
  Log_file.append t.file t.pending;
  t.unsynchronised <- true;
  let* () = if t.fsync = Always then fdatasync t else Lwt.return_unit in
  Lwt.wakeup_later settle ();
  if Pieces.size t.pending > 0 then commit t
  else (
    t.busy <- false;
    Lwt.return_unit)

(* After a failure nothing resolves any more, so nothing is acknowledged. *)
let guarded t work =
  let never, _ = Lwt.wait () in
  Lwt.catch work (function
    | Unix.Unix_error (error, _, _) ->
        if Lwt.is_sleeping t.failure then Lwt.wakeup_later t.fail error;
        never
    | other -> Lwt.reraise other)

(* The pause lets every client that is ready now join the batch. *)
let start_commit t =
  t.busy <- true;
  Lwt.async (fun () ->
      guarded t (fun () ->
          let* () = Lwt.pause () in
          commit t))

let append t mutation =
  let parts = Record.frame (Mutation.encode mutation) in
  List.iter (Pieces.add t.pending) parts;
  if not t.busy then start_commit t

let settled t =
  if Pieces.size t.pending > 0 then t.batch.settled else t.in_flight

let synchronise t =
  let* () = settled t in
  guarded t (fun () -> fdatasync t)

let failure t = t.failure

let rec every_second t =
  let* () = Lwt_unix.sleep 1.0 in
  let* () = if t.unsynchronised then fdatasync t else Lwt.return_unit in
  every_second t

let start file fsync =
  let failure, fail = Lwt.wait () in
  let t =
    {
      file;
      fsync;
      pending = Pieces.create ();
      batch = new_batch ();
      in_flight = Lwt.return_unit;
      busy = false;
      unsynchronised = false;
      failure;
      fail;
    }
  in
  if fsync = Every_second then
    Lwt.async (fun () -> guarded t (fun () -> every_second t));
  t
