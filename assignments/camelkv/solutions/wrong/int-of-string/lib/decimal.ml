let parse text = Option.map Int64.of_int (int_of_string_opt text)
let add a b = Some (Int64.of_int (Int64.to_int a + Int64.to_int b))
let negate n = Some (Int64.neg n)
