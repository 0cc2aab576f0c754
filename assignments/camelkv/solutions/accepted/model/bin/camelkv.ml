open Lwt.Syntax

let unusable = 74
let cannot_listen = 69

let complain text =
  prerr_string ("camelkv: " ^ text ^ "\n");
  flush stderr

(* The default is to wait until the heap has grown by 120 % before all garbage
   is found; a cache of strings would rather have the memory. *)
let tune_memory () = Gc.set { (Gc.get ()) with space_overhead = 60 }

let stop_signal () =
  let stopped, stop = Lwt.wait () in
  let on_signal _ = if Lwt.is_sleeping stopped then Lwt.wakeup_later stop () in
  List.iter
    (fun signal -> ignore (Lwt_unix.on_signal signal on_signal))
    [ Sys.sigterm; Sys.sigint ];
  stopped

let announce (settings : Settings.t) =
  Printf.printf "ready port=%d\n%!" settings.port

let serve (settings : Settings.t) shared socket =
  let { Client.journal; _ } = shared in
  let stopped = stop_signal () in
  let serving = Server.run shared ~max_clients:settings.max_clients socket in
  announce settings;
  let failed = Lwt.map Result.error (Journal.failure journal) in
  let finished =
    let* () = Lwt.pick [ serving; stopped ] in
    let* () = Lwt_unix.close socket in
    Lwt.map Result.ok (Journal.synchronise journal)
  in
  Lwt.choose [ failed; finished ]

let listen (settings : Settings.t) =
  match Server.listen settings.bind settings.port with
  | socket -> Ok socket
  | exception Unix.Unix_error (error, call, _) ->
      Error (call ^ ": " ^ Unix.error_message error)

let run (settings : Settings.t) =
  let store = Kv.Store.create () in
  match Log_file.open_ settings.dir (Kv.Store.apply store) with
  | Error problem ->
      complain (Log_file.describe problem);
      unusable
  | Ok file -> (
      match listen settings with
      | Error why ->
          complain why;
          cannot_listen
      | Ok socket -> (
          let journal = Journal.start file settings.fsync in
          let { Settings.maxmemory; _ } = settings in
          let shared = { Client.store; journal; maxmemory } in
          match Lwt_main.run (serve settings shared socket) with
          | Ok () -> 0
          | Error error ->
              complain ("the log failed: " ^ Unix.error_message error);
              unusable))

let () =
  Sys.set_signal Sys.sigpipe Signal_ignore;
  (* Until the server runs there is nothing to flush. *)
  Sys.set_signal Sys.sigterm (Signal_handle (fun _ -> exit 0));
  tune_memory ();
  match Settings.parse Sys.argv with
  | Error code -> exit code
  | Ok settings -> exit (run settings)
