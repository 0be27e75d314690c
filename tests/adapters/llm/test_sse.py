"""Events are the same however the network cuts the bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.llm import sse
from minibot.adapters.llm.sse import EventReader, ServerEvent
from minibot.core.errors import ModelReplyInvalid

STREAM = (
    "\ufeff: a comment\n\n"
    "event: greeting\ndata: Привет\ndata: 世界\n\n"
    "id: 7\nretry: 10\ndata:no space\n\n"
    "event: nothing\n\n"
    "data: [DONE]"
)
EVENTS = [
    ServerEvent("greeting", "Привет\n世界".encode()),
    ServerEvent("", b"no space"),
    ServerEvent("", b"[DONE]"),
]


def read(chunks: list[bytes]) -> list[ServerEvent]:
    reader = EventReader()
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    return [*events, *reader.finish()]


@given(cuts=st.lists(st.integers(0, len(STREAM.encode()) + 20)), crlf=st.booleans())
def test_events_do_not_depend_on_how_bytes_are_cut(cuts: list[int], crlf: bool) -> None:
    stream = STREAM.encode()
    if crlf:
        stream = stream.replace(b"\n", b"\r\n")
    edges = sorted({0, len(stream), *cuts})
    assert read([stream[a:b] for a, b in zip(edges, edges[1:], strict=False)]) == EVENTS


def test_an_event_is_given_as_soon_as_its_blank_line_is_there() -> None:
    reader = EventReader()
    assert list(reader.feed(b"data: 1\r\n\r")) == []
    assert list(reader.feed(b"\ndata")) == [ServerEvent("", b"1")]


@given(chunks=st.lists(st.binary()))
def test_any_bytes_can_be_read(chunks: list[bytes]) -> None:
    read(chunks)


def test_an_endless_line_is_refused() -> None:
    chunks = [b"x" * 2**20] * (sse.MAX_EVENT_BYTES // 2**20 + 1)
    with pytest.raises(ModelReplyInvalid, match="too large"):
        read(chunks)
