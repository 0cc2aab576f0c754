type point = { x : int; y : int } [@@deriving show, eq, ord, yojson]

let () =
  let point = { x = 1; y = 2 } in
  assert (point_of_yojson (point_to_yojson point) = Ok point);
  assert (equal_point point point && compare_point point point = 0);
  ignore (show_point point)
