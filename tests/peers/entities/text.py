"""Lengths and offsets, as Telegram counts them, and the output all parsers build."""

from __future__ import annotations

from typing import Any

Entity = dict[str, Any]


class EntityError(ValueError):
    """The text can't be parsed in the given parse mode."""


def utf16_len(text: str) -> int:
    """Count UTF-16 code units, the unit of entity offsets."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for ch in text if ord(ch) > 0xFFFF)


def byte_offset(text: str, index: int) -> int:
    """Turn a character index into the UTF-8 offset that error texts name."""
    return len(text[:index].encode("utf-8", "surrogatepass"))


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Strip surrounding whitespace as the server does, moving entities along."""
    stripped = text.strip()
    if stripped == text:
        return text, entities
    lead = utf16_len(text[: len(text) - len(text.lstrip())])
    total = utf16_len(stripped)
    kept: list[Entity] = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, total)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return stripped, kept


class Output:
    """The plain text and the entities a parser has produced so far."""

    __slots__ = ("entities", "parts", "size")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0  # in UTF-16 code units
        self.entities: list[Entity] = []

    def push(self, text: str) -> None:
        self.parts.append(text)
        self.size += utf16_len(text)

    def since(self, part: int) -> str:
        return "".join(self.parts[part:])

    def result(self) -> tuple[str, list[Entity]]:
        """Join the text; outer entities come before the inner ones that start with them."""
        self.entities.sort(key=lambda e: (e["offset"], -e["length"]))
        return "".join(self.parts), self.entities
