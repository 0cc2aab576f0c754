let () =
  assert (Uutf.String.fold_utf_8 (fun n _ _ -> n + 1) 0 "caf\xc3\xa9" = 4);
  assert (Astring.String.cuts ~sep:"," "a,b" = [ "a"; "b" ])
