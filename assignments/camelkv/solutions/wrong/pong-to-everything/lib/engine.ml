type outcome = { reply : Reply.t; change : Mutation.t option; quit : bool }

let decide _store ~maxmemory:_ _words =
  { reply = Reply.Pong; change = None; quit = false }
