let () =
  assert Lwt_config._HAVE_LIBEV;
  Lwt_main.run (Lwt_unix.sleep 0.001)
