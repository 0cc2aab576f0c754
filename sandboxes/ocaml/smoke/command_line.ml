open Cmdliner

let run port = assert (port = 1)
let port = Arg.(value & opt int 1 & info [ "port" ])

let () =
  Logs.set_reporter (Logs_fmt.reporter ~app:Fmt.stderr ());
  Logs.app (fun m -> m "%a" Fpath.pp (Fpath.v "a/b"));
  let command = Cmd.v (Cmd.info "smoke") Term.(const run $ port) in
  assert (Cmd.eval ~argv:[| "smoke" |] command = 0)
