let () =
  let buffer = Cstruct.create 4 in
  Cstruct.BE.set_uint32 buffer 0 7l;
  assert (Cstruct.BE.get_uint32 buffer 0 = 7l);
  assert (Bigstringaf.length (Bigstringaf.create 8) = 8)
