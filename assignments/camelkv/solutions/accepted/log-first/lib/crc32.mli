(** CRC-32 as in zlib and Ethernet (polynomial 0xEDB88320, reflected). *)

val strings : string list -> int
(** The checksum of the strings as if they were one. *)
