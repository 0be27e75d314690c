"""What text costs a model, by guess: nobody knows before the provider has counted."""

BYTES_PER_TOKEN = 3
"""A cautious figure: English runs near 4, Cyrillic near 3, code between."""


def tokens_of_text(text: str) -> int:
    """Guess how many tokens a text costs, rather too many than too few."""
    return size_of_text(text) // BYTES_PER_TOKEN


def size_of_text(text: str) -> int:
    """Count what a text takes in UTF-8; Python knows without looking when it is ASCII."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
