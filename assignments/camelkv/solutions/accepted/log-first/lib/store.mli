(** The keys and values, in memory. *)

type t

val create : unit -> t
val find : t -> string -> string option
val mem : t -> string -> bool

val count : t -> int
(** How many keys there are. *)

val bytes : t -> int
(** The bytes of all keys and values together. *)

val bytes_after : t -> Mutation.t -> int
(** What [bytes] would be after this change. *)

val apply : t -> Mutation.t -> unit
