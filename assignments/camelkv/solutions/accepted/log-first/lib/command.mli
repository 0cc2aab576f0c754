(** The commands, as values. A new command starts here. *)

type condition = Always | If_absent | If_present

type t =
  | Ping of string option
  | Echo of string
  | Set of { key : string; value : string; condition : condition }
  | Get of string
  | Delete of string list
  | Exists of string list
  | Add of { key : string; delta : int64 }
      (** [INCR], [DECR], [INCRBY] and [DECRBY] *)
  | Append of { key : string; value : string }
  | Length of string
  | Get_many of string list
  | Set_many of (string * string) list
  | Count
  | Clear
  | Quit
  | Describe
      (** [COMMAND] and [CONFIG GET]: clients ask, an empty list will do *)
  | Client

type error =
  | Unknown of { name : string; arguments : string list }
  | Arity of string  (** the command's name in lower case *)
  | Syntax
  | Not_an_integer
  | Decrement_overflow

val parse : string list -> (t, error) result
(** A command from the words of a request. *)

val describe : error -> string
(** The error as one line that starts with [ERR]. *)
