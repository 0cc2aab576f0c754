(** Requests in RESP2: arrays of bulk strings, read from chunks that may be cut
    at any byte. Nothing here does I/O, so every cut can be tested. *)

val max_bulk : int
(** Most bytes in a bulk string: 64 MiB. *)

val max_words : int
(** Most elements in a request: 1,048,576. *)

type state
(** What is known of an unfinished request. A [state] is used once: the body of
    a bulk string is filled in place. *)

val start : state
(** The state between two requests. *)

type error =
  | Expected of { wanted : char; got : char }
  | Bad_count
  | Bad_length
  | Line_too_long
  | Bare_line_feed
  | Bulk_without_crlf

val describe : error -> string
(** One line without the [-ERR Protocol error: ] in front. *)

type progress = {
  requests : string list list;  (** complete requests, in order, none empty *)
  next : (state, error) result;
      (** where to go on; after an error nothing more can be read *)
}

val feed : state -> bytes -> pos:int -> len:int -> progress
(** [feed state chunk ~pos ~len] reads the next [len] bytes of the connection.
    It keeps no reference to [chunk]. *)
