(** What a client is told, and how RESP2 spells it. *)

type t =
  | Ok
  | Pong
  | Error of string  (** one line, without the [-] in front *)
  | Integer of int64
  | Bulk of string
  | Null
  | Array of t list

val of_option : string option -> t
(** A bulk string, or the null one. *)

val write : (string -> unit) -> t -> unit
(** [write add reply] calls [add] with the parts of the reply, in order. A bulk
    string is passed as it is, without a copy. *)
