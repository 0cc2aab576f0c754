open Base
open Ppx_yojson_conv_lib.Yojson_conv.Primitives

type point = { x : int; y : int } [@@deriving sexp, compare, hash, yojson]

let () =
  let point = { x = 1; y = 2 } in
  assert (compare_point (point_of_sexp (sexp_of_point point)) point = 0);
  assert (compare_point (point_of_yojson (yojson_of_point point)) point = 0);
  assert (
    Option.is_some
      (let%map.Option one = Some 1 in
       one + 1));
  assert (hash_point point = hash_point point)
