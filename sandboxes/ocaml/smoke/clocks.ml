let () =
  let counter = Mtime_clock.counter () in
  assert (Mtime.Span.to_uint64_ns (Mtime_clock.count counter) >= 0L);
  assert (Ptime.is_later (Ptime_clock.now ()) ~than:Ptime.epoch)
