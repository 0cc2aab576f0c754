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

let rec every_second log =
  let* () = Lwt_unix.sleep 1.0 in
  ignore (Log_file.synchronise log : (unit, string) result);
  every_second log

let serve (settings : Settings.t) shared socket =
  let stopped = stop_signal () in
  let serving = Server.run shared ~max_clients:settings.max_clients socket in
  announce settings;
  if settings.fsync = Every_second then
    Lwt.async (fun () -> every_second shared.Client.log);
  let* () = Lwt.pick [ serving; stopped ] in
  let* () = Lwt_unix.close socket in
  Lwt.return (Log_file.synchronise shared.log)

let listen (settings : Settings.t) =
  match Server.listen settings.bind settings.port with
  | socket -> Ok socket
  | exception Unix.Unix_error (error, call, _) ->
      Error (call ^ ": " ^ Unix.error_message error)

let run (settings : Settings.t) =
  let store = Kv.Store.create () in
  let { Settings.dir; fsync; maxmemory; _ } = settings in
  match Log_file.open_ ~dir ~fsync (Kv.Store.apply store) with
  | Error problem ->
      complain (Log_file.describe problem);
      unusable
  | Ok log -> (
      match listen settings with
      | Error why ->
          complain why;
          cannot_listen
      | Ok socket -> (
          let shared = { Client.store; log; maxmemory } in
          match Lwt_main.run (serve settings shared socket) with
          | Ok () -> 0
          | Error why ->
              complain ("the log failed: " ^ why);
              unusable))

let () =
  Sys.set_signal Sys.sigpipe Signal_ignore;
  (* Until the server runs there is nothing to flush. *)
  Sys.set_signal Sys.sigterm (Signal_handle (fun _ -> exit 0));
  tune_memory ();
  match Settings.parse Sys.argv with
  | Error code -> exit code
  | Ok settings -> exit (run settings)
