"""Reading what people send: documents, pictures and speech."""
