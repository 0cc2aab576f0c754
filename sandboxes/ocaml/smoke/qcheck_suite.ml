let twice =
  QCheck.Test.make QCheck.(list int) (fun l -> List.rev (List.rev l) = l)

let () = QCheck.Test.check_exn twice
