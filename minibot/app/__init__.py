"""What minibot does: knows ports, never a library."""
