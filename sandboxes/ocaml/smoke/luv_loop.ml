let () =
  let timer = Result.get_ok (Luv.Timer.init ()) in
  ignore (Luv.Timer.start timer 1 (fun () -> Luv.Handle.close timer ignore));
  ignore (Luv.Loop.run ())
