let () =
  let numbers = Ctypes.(CArray.of_list int32_t [ 1l; 2l ]) in
  assert (Ctypes.CArray.get numbers 1 = 2l)
