let () = assert (Sexplib.Sexp.to_string (Base.Int.sexp_of_t 1) = "1")
