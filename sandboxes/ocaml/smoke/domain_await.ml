let () =
  let waiting = Domain_local_await.prepare_for_await () in
  let waker = Domain.spawn waiting.release in
  waiting.await ();
  Domain.join waker
