"""Entries as they are written to Redis, without a server."""

from dataclasses import replace

import orjson
import pytest

from minibot.adapters.storage.redis.entry import Entry, decode_entry, encode_entry
from minibot.core.llm import Picture, Role, Utterance
from tests.fakes import START

SAID = Utterance(role=Role.USER, text="look", untrusted=True)
PICTURE = Picture(path="/p.jpg", mime_type="image/jpeg")


def read(text: bytes) -> Entry | None:
    return decode_entry(b"7 " + text)


@pytest.mark.parametrize("pictures", [(), (PICTURE,), (PICTURE, PICTURE)])
def test_an_entry_survives(pictures: tuple[Picture, ...]) -> None:
    entry = Entry(utterance=replace(SAID, pictures=pictures), author="7", written_at=START)
    assert read(encode_entry(entry)) == entry


def test_an_entry_without_pictures_is_written_as_it_always_was() -> None:
    entry = Entry(utterance=SAID, author="7", written_at=START)
    assert len(orjson.loads(encode_entry(entry))) == 7


def test_an_entry_with_damaged_pictures_is_none() -> None:
    entry = Entry(utterance=SAID, author="7", written_at=START)
    damaged = orjson.dumps([*orjson.loads(encode_entry(entry)), "[1]"])
    assert read(damaged) is None
