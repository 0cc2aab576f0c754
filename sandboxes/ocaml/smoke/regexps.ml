let () = assert (Re.execp (Re.compile (Re.Perl.re "a+b")) "aaab")
