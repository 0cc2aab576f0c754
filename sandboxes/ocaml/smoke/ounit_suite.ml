open OUnit2

let () = run_test_tt_main ("smoke" >:: fun _ -> assert_equal 1 1)
