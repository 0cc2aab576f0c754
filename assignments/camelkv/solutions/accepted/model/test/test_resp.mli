val cases : unit Alcotest.test_case list
