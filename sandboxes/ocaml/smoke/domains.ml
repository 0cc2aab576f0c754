let () =
  let domain = Domain.spawn (fun () -> 21 * 2) in
  let thread = Thread.create ignore () in
  Thread.join thread;
  assert (Domain.join domain = 42)
