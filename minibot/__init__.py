"""minibot: a self-hosted assistant that never loses a message."""

__version__ = "0.1.0"
