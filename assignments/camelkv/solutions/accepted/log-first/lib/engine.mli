(** What each command does. Deciding is apart from doing: a command reads the
    store and yields a reply and perhaps a change, which the caller applies and
    logs. *)

type outcome = {
  reply : Reply.t;
  change : Mutation.t option;  (** to apply and log before the reply counts *)
  quit : bool;  (** the client asked to be closed after this reply *)
}

val decide : Store.t -> maxmemory:int option -> string list -> outcome
(** [decide store ~maxmemory words] interprets one request. It changes nothing.
    A change that would take the store past [maxmemory] becomes an error. *)
