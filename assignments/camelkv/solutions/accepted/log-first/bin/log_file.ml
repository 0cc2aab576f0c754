open Kv

type t = {
  file : Unix.file_descr;
  fsync : Settings.fsync;
  mutable length : int; (* where the last whole record ends *)
  mutable broken : string option; (* why nothing can be written any more *)
}

type problem = Unusable of string | Damaged of { path : string; offset : int }

let describe = function
  | Unusable why -> why
  | Damaged { path; offset } ->
      Printf.sprintf "%s: the record at byte offset %d is damaged" path offset

let synchronise t =
  match Unix.fsync t.file with
  | () -> Ok ()
  | exception Unix.Unix_error (error, _, _) ->
      let why = Unix.error_message error in
      t.broken <- Some why;
      Error why

let end_at file length =
  Unix.ftruncate file length;
  ignore (Unix.lseek file length SEEK_SET)

let take_back t =
  try end_at t.file t.length
  with Unix.Unix_error (error, _, _) ->
    t.broken <- Some (Unix.error_message error)

let write t text =
  match Unix.write_substring t.file text 0 (String.length text) with
  | _ -> if t.fsync = Always then synchronise t else Ok ()
  | exception Unix.Unix_error (error, _, _) -> Error (Unix.error_message error)

let append t change =
  match t.broken with
  | Some why -> Error why
  | None ->
      let record = String.concat "" (Record.frame (Mutation.encode change)) in
      let result = write t record in
      if Result.is_ok result then t.length <- t.length + String.length record
      else take_back t;
      result

let recover path apply =
  In_channel.with_open_bin path (fun channel ->
      let input n =
        let buffer = Bytes.create n in
        let rec fill have =
          let read = In_channel.input channel buffer have (n - have) in
          if have + read = n || read = 0 then have + read else fill (have + read)
        in
        Bytes.sub_string buffer 0 (fill 0)
      in
      Replay.run input apply)

let synchronise_folder dir =
  let folder = Unix.openfile dir [ O_RDONLY; O_CLOEXEC ] 0 in
  Unix.fsync folder;
  Unix.close folder

let start_at ~dir ~fsync file length =
  end_at file length;
  let magic = String.length Replay.magic in
  if length = 0 then ignore (Unix.write_substring file Replay.magic 0 magic);
  Unix.fsync file;
  synchronise_folder dir;
  Ok { file; fsync; length = max length magic; broken = None }

let open_exn ~dir ~fsync apply =
  let path = Filename.concat dir "camelkv.log" in
  let file = Unix.openfile path [ O_RDWR; O_CREAT; O_CLOEXEC ] 0o644 in
  match recover path apply with
  | Complete length -> start_at ~dir ~fsync file length
  | Torn offset ->
      Printf.eprintf "%s: dropped a torn record at byte offset %d\n%!" path
        offset;
      start_at ~dir ~fsync file offset
  | Damaged offset -> Error (Damaged { path; offset })

let open_ ~dir ~fsync apply =
  match open_exn ~dir ~fsync apply with
  | result -> result
  | exception Unix.Unix_error (error, call, _) ->
      let why = Unix.error_message error in
      Error (Unusable (Printf.sprintf "%s: %s: %s" dir call why))
  | exception Sys_error why -> Error (Unusable (dir ^ ": " ^ why))
