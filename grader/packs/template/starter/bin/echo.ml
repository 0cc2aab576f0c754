let usage = "echo --port PORT"

let () =
  let port = ref 0 in
  let stray argument = raise (Arg.Bad ("unexpected argument: " ^ argument)) in
  Arg.parse [ ("--port", Arg.Set_int port, "PORT the port to listen on") ] stray usage;
  Echo_server.run ~port:!port
