let () = ignore (Ssl.create_context TLSv1_3 Server_context)
