"""Entries of a conversation as Redis holds them.

An entry is JSON text, an array, whose beginning the scripts read: ``["user",``. In its sorted
set its place and a blank stand before it, so that the same words may be said twice.
"""

from dataclasses import dataclass
from datetime import datetime

import orjson

from minibot.adapters.storage.codec import (
    decode_calls,
    decode_pictures,
    encode_calls,
    encode_pictures,
    from_micros,
    storable,
    to_micros,
)
from minibot.core.errors import StorageDamaged
from minibot.core.llm import Role, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something said, with who is spoken with and when."""

    utterance: Utterance
    author: str
    written_at: datetime


def encode_entry(entry: Entry) -> bytes:
    said = entry.utterance
    return orjson.dumps(
        [
            said.role.value,
            storable(said.text),
            encode_calls(said.tool_calls),
            storable(said.tool_call_id),
            said.untrusted,
            storable(entry.author),
            to_micros(entry.written_at),
            *([encode_pictures(said.pictures)] if said.pictures else []),
        ]
    )


def decode_entry(member: bytes) -> Entry | None:
    """Read a member of the set; None for one that is not minibot's."""
    _, _, text = member.partition(b" ")
    try:
        role, said, calls, call_id, untrusted, author, micros, *rest = orjson.loads(text)
        if not (isinstance(said, str) and isinstance(call_id, str) and isinstance(author, str)):
            return None
        return Entry(
            utterance=Utterance(
                role=Role(role),
                text=said,
                tool_calls=decode_calls(calls),
                tool_call_id=call_id,
                untrusted=bool(untrusted),
                pictures=decode_pictures(rest[0] if rest else ""),
            ),
            author=author,
            written_at=from_micros(micros),
        )
    except (ValueError, TypeError, OverflowError, StorageDamaged):
        return None
