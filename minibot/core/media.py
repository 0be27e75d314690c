"""What people send beside words, once it is here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedia:
    """A file that is whole and is kept for a while."""

    path: str
    """Absolute."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What can be read of a file: text, or a picture that models take."""

    text: str = ""
    scope: str = ""
    """Which part of the whole `text` is, such as "pages 1-20 of 230"; empty when it is all."""
    picture: bytes = b""
    mime_type: str = ""
    """Of `picture`."""
