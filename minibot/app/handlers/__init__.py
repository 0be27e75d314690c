"""What answers a message."""
