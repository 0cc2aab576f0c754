let () =
  let queue = Saturn.Queue.create () in
  Saturn.Queue.push queue 1;
  assert (Saturn.Queue.pop_opt queue = Some 1)
