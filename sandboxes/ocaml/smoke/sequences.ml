module Queue = Psq.Make (String) (Int)

let () =
  assert (Iter.to_list (Iter.take 2 (Iter.of_list [ 1; 2; 3 ])) = [ 1; 2 ]);
  assert (Queue.min (Queue.of_list [ ("b", 2); ("a", 1) ]) = Some ("a", 1))
