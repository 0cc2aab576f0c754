let () =
  let db = Sqlite3.db_open ":memory:" in
  assert (Sqlite3.exec db "create table t (a int)" = Sqlite3.Rc.OK)
