let () = assert (CCList.take 1 [ 1; 2 ] = [ 1 ])
