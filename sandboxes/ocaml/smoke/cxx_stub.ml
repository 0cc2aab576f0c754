external twice : int -> int = "smoke_twice"

let () = assert (twice 21 = 42)
