"""Sizes as people read them."""


def in_words(size: int) -> str:
    """Write a number of bytes, e.g. ``812 bytes``, ``1.2 kB``, ``3.4 MB``."""
    if size == 1:
        return "1 byte"
    if size < 1_000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{size / 1_000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"
