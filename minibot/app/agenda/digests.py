"""Telling whether two results are the same."""

import hashlib


def digest(result: str) -> str:
    """Give a short name for a result; white space does not count."""
    return hashlib.sha256(" ".join(result.split()).encode()).hexdigest()[:16]
