(** Records of the log: a header and a payload.

    The header is three 32-bit little-endian numbers: the length of the payload,
    the CRC-32 of the payload, and the CRC-32 of those eight bytes. The last one
    tells a damaged length from a record that the end of the file cut off. *)

val header_size : int

val frame : string list -> string list
(** The record with this payload, in parts. *)

type next =
  | Record of string  (** the payload *)
  | End
  | Torn  (** the file ends inside this record *)
  | Damaged  (** a checksum does not match *)

val read : (int -> string) -> next
(** [read input] reads the next record. [input n] must return the next [n]
    bytes, or fewer at the end of the file only. *)
