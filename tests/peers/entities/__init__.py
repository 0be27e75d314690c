"""Parsers for the three Telegram parse modes, with the server's own error texts."""

from tests.peers.entities.modes import parse
from tests.peers.entities.text import Entity, EntityError, trim, utf16_len

__all__ = ["Entity", "EntityError", "parse", "trim", "utf16_len"]
