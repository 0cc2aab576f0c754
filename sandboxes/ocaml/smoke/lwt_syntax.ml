let () =
  Lwt_main.run
    (let%lwt one = Lwt.return 1 in
     assert (one = 1);
     Lwt.return_unit)
