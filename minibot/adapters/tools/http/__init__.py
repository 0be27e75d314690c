"""Reading web pages, without letting anybody reach what is not on the public internet."""
