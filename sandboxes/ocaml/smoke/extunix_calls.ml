let () = assert (ExtUnix.All.gettid () > 0)
