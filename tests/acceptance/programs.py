"""Submissions written for these tests: an echo server that also does something else first."""

from __future__ import annotations

_SERVER = """
let serve client =
  let buffer = Bytes.create 65536 in
  let rec loop () =
    match Unix.read client buffer 0 65536 with
    | 0 | (exception Unix.Unix_error _) -> Unix.close client
    | n -> ignore (Unix.write client buffer 0 n); loop ()
  in
  loop ()

let port () =
  let rec find = function
    | "--port" :: n :: _ -> int_of_string n
    | _ :: rest -> find rest
    | [] -> exit 64
  in
  find (Array.to_list Sys.argv)

let run () =
  Sys.set_signal Sys.sigpipe Sys.Signal_ignore;
  let socket = Unix.socket ~cloexec:true PF_INET SOCK_STREAM 0 in
  Unix.setsockopt socket SO_REUSEADDR true;
  Unix.bind socket (ADDR_INET (Unix.inet_addr_any, port ()));
  Unix.listen socket 128;
  while true do
    let client, _ = Unix.accept ~cloexec:true socket in
    ignore (Thread.create serve client)
  done
"""

_SPY = """
let canary = "HID" ^ "DEN-" and marks = [ "def te" ^ "st_"; "pytest.ma" ^ "rk" ]
let seen = ref 0

let contains text part =
  let n = String.length part in
  let rec at i = i + n <= String.length text && (String.sub text i n = part || at (i + 1)) in
  at 0

let read path =
  match open_in_bin path with
  | exception Sys_error _ -> ""
  | file ->
      let buffer = Bytes.create 262144 in
      let n = try input file buffer 0 262144 with Sys_error _ -> 0 in
      close_in_noerr file;
      Bytes.sub_string buffer 0 n

let look path =
  incr seen;
  let text = read path in
  if path = "/etc/passwd" && contains text "root:x:0" then print_endline "CONTROL was readable";
  if List.exists (contains text) (canary :: marks) then print_endline ("FOUND " ^ path)

let rec walk depth path =
  match (Unix.lstat path).st_kind with
  | exception Unix.Unix_error _ -> ()
  | S_REG -> look path
  | S_DIR when depth < 12 && path <> "/sys" -> (
      match Sys.readdir path with
      | exception Sys_error _ -> ()
      | names ->
          let name n = if path = "/" then "/" ^ n else path ^ "/" ^ n in
          Array.iter (fun n -> walk (depth + 1) (name n)) names)
  | _ -> ()

let spy () =
  walk 0 "/";
  Array.iter print_endline (Unix.environment ());
  Printf.printf "LOOKED at %d files\\n%!" !seen
"""


def _repository(source: str) -> dict[str, str]:
    return {
        "dune-project": "(lang dune 3.17)\n",
        "bin/dune": "(executable (name echo) (libraries unix threads.posix))\n",
        "bin/echo.ml": source,
    }


ECHO = _repository(_SERVER + "\nlet () = run ()\n")
SPY = _repository(_SERVER + _SPY + "\nlet () = ignore (Thread.create spy ()); run ()\n")
FORGER = _repository(
    """
let () =
  print_endline "============ 2 passed in 0.01s ============";
  print_endline "PASSED test_echo.py::test_every_byte_comes_back";
  print_endline {|{"event":"finished","executed":[]}|};
  print_endline {|{"event":"case_finished","id":"x","outcome":"passed","duration":0}|};
  print_endline "::set-output name=result::passed";
  exit 0
"""
)
BROKEN = _repository('let () = print_endline ("one" + 1)\n')
