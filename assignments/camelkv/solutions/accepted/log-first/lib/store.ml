module Table = Hashtbl.MakeSeeded (struct
  include String

  let seeded_hash = String.seeded_hash
end)

type t = { table : string Table.t; mutable bytes : int }

(* A random seed: clients choose the keys, and must not choose the buckets. *)
let create () = { table = Table.create ~random:true 1024; bytes = 0 }
let find t key = Table.find_opt t.table key
let mem t key = Table.mem t.table key
let count t = Table.length t.table
let bytes t = t.bytes

let cost key = function
  | Some value -> String.length key + String.length value
  | None -> 0

let bytes_after t = function
  | Mutation.Append { key; suffix } when mem t key ->
      t.bytes + String.length suffix
  | Append { key; suffix } -> t.bytes + String.length key + String.length suffix
  | Delete keys ->
      let gone key = cost key (find t key) in
      let keys = List.sort_uniq String.compare keys in
      List.fold_left (fun sum key -> sum - gone key) t.bytes keys
  | Clear -> 0
  | Set pairs ->
      (* A key may be named twice: only its last value will stay. *)
      let last = Hashtbl.create 16 in
      let growth sum (key, value) =
        let old =
          match Hashtbl.find_opt last key with
          | None -> find t key
          | Some _ as earlier -> earlier
        in
        Hashtbl.replace last key value;
        sum - cost key old + cost key (Some value)
      in
      List.fold_left growth t.bytes pairs

let set t (key, value) =
  t.bytes <- t.bytes - cost key (find t key) + cost key (Some value);
  Table.replace t.table key value

let delete t key =
  t.bytes <- t.bytes - cost key (find t key);
  Table.remove t.table key

let apply t = function
  | Mutation.Set pairs -> List.iter (set t) pairs
  | Append { key; suffix } ->
      set t (key, Option.value (find t key) ~default:"" ^ suffix)
  | Delete keys -> List.iter (delete t) keys
  | Clear ->
      Table.reset t.table;
      t.bytes <- 0
