let () =
  let left, right = Unix.socketpair PF_UNIX SOCK_STREAM 0 in
  assert (Unix.write_substring left "ok" 0 2 = 2);
  let buffer = Bytes.create 2 in
  assert (Unix.read right buffer 0 2 = 2)
