open Kv

type t = Unix.file_descr
type problem = Unusable of string | Damaged of { path : string; offset : int }

let describe = function
  | Unusable why -> why
  | Damaged { path; offset } ->
      Printf.sprintf "%s: the record at byte offset %d is damaged" path offset

let rec write file text pos len =
  if len > 0 then
    match Unix.single_write_substring file text pos len with
    | n -> write file text (pos + n) (len - n)
    | exception Unix.Unix_error (EINTR, _, _) -> write file text pos len

let rec append file pieces =
  match Pieces.next pieces with
  | None -> ()
  | Some (text, pos, len) ->
      write file text pos len;
      Pieces.drop pieces len;
      append file pieces

let synchronise file =
  Lwt_unix.fdatasync (Lwt_unix.of_unix_file_descr ~blocking:true file)

(* A channel on [file] itself, never closed: closing any other descriptor of
   the file would give up the lock. *)
let recover file apply =
  let channel = Unix.in_channel_of_descr file in
  let input n =
    let buffer = Bytes.create n in
    let rec fill have =
      let read = In_channel.input channel buffer have (n - have) in
      if have + read = n || read = 0 then have + read else fill (have + read)
    in
    let have = fill 0 in
    if have = n then Bytes.unsafe_to_string buffer
    else Bytes.sub_string buffer 0 have
  in
  Replay.run input apply

let synchronise_folder dir =
  let folder = Unix.openfile dir [ O_RDONLY; O_CLOEXEC ] 0 in
  Fun.protect
    ~finally:(fun () -> Unix.close folder)
    (fun () -> Unix.fsync folder)

(* From here on the log ends at [length], on the disk too. The file may be new,
   so its name in the folder must get there as well. *)
let start_at file ~dir length =
  Unix.ftruncate file length;
  ignore (Unix.lseek file length SEEK_SET);
  if length = 0 then write file Replay.magic 0 (String.length Replay.magic);
  Unix.fsync file;
  synchronise_folder dir;
  Ok file

let open_exn dir apply =
  let path = Filename.concat dir "camelkv.log" in
  let file = Unix.openfile path [ O_RDWR; O_CREAT; O_CLOEXEC ] 0o644 in
  Unix.lockf file F_TLOCK 0;
  match recover file apply with
  | Complete length -> start_at file ~dir length
  | Torn offset ->
      Printf.eprintf "%s: dropped a torn record at byte offset %d\n%!" path
        offset;
      start_at file ~dir offset
  | Damaged offset ->
      Unix.close file;
      Error (Damaged { path; offset })

let open_ dir apply =
  match open_exn dir apply with
  | result -> result
  | exception Unix.Unix_error (error, call, _) ->
      let why = Unix.error_message error in
      Error (Unusable (Printf.sprintf "%s: %s: %s" dir call why))
  | exception Sys_error why -> Error (Unusable (dir ^ ": " ^ why))
