module Counter = struct
  type t = int Atomic.t

  let init () = Atomic.make 0
  let cleanup _ = ()
  let api = Lin.[ val_ "incr" Atomic.incr (t @-> returning unit) ]
end

module Counter_domain = Lin_domain.Make (Counter)

let () = ignore (Counter_domain.lin_test ~count:5 ~name:"counter")
