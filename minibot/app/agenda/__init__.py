"""Work that minibot does of its own accord, when its time has come."""
