let () =
  let raw = Bytes.create 64 in
  let text = Bytes.of_string "x" in
  let stream = Zlib.deflate_init 6 true in
  let _, read, written = Zlib.(deflate stream text 0 1 raw 0 64 Z_FINISH) in
  assert (read = 1 && written > 0)
