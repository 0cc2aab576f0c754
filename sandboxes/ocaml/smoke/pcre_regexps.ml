let () = assert (Pcre2.pmatch ~pat:"a+b" "aaab")
