let () = assert (ExtString.String.starts_with "ocaml" ~prefix:"oc")
