"""What goes into the database as text comes out as it was."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.codec import (
    decode_calls,
    decode_message,
    decode_part,
    encode_calls,
    encode_message,
    encode_part,
    from_micros,
    storable,
    to_micros,
)
from minibot.core.errors import StorageDamaged
from minibot.core.llm import ToolCall
from minibot.core.messages import (
    Attachment,
    ChatRef,
    IncomingMessage,
    Part,
    Person,
    Span,
)
from tests.contracts.storages import a_chat

TEXTS = st.text(max_size=30)
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.timezones()
)
ATTACHMENTS = st.builds(
    Attachment,
    file_id=st.text("abc123", max_size=5),
    name=TEXTS,
    mime_type=TEXTS,
    size=st.integers(min_value=0, max_value=2**40),
)
MESSAGES = st.builds(
    IncomingMessage,
    chat=st.just(a_chat()),
    sender=st.builds(Person, name=TEXTS),
    text=TEXTS,
    sent_at=MOMENTS.map(lambda moment: moment.astimezone(UTC)),
    attachments=st.lists(ATTACHMENTS, max_size=3).map(tuple),
)
PARTS = st.builds(
    Part,
    text=TEXTS,
    spans=st.lists(
        st.builds(
            Span,
            offset=st.integers(min_value=0, max_value=4096),
            length=st.integers(min_value=0, max_value=4096),
        ),
        max_size=4,
    ).map(tuple),
)
CALLS = st.lists(st.builds(ToolCall, arguments=TEXTS), max_size=3).map(tuple)


@given(message=MESSAGES)
def test_message_survives_in_the_chat_of_its_row(message: IncomingMessage) -> None:
    elsewhere = ChatRef(channel="telegram", chat_id="-100")

    decoded = decode_message(encode_message(message), elsewhere)

    assert decoded.chat == elsewhere
    assert decode_message(encode_message(message), message.chat) == message


@given(part=PARTS)
def test_part_survives(part: Part) -> None:
    assert decode_part(encode_part(part)) == part


@given(calls=CALLS)
def test_tool_calls_survive(calls: tuple[ToolCall, ...]) -> None:
    assert decode_calls(encode_calls(calls)) == calls


@given(moment=MOMENTS)
def test_moment_survives_to_the_microsecond(moment: datetime) -> None:
    stored = from_micros(to_micros(moment))

    # In UTC, because Python finds an hour that a zone has twice unequal to any other zone's.
    assert stored == moment.astimezone(UTC)
    assert stored.utcoffset() == timedelta(0)


def test_moments_are_ordered_as_stored() -> None:
    earlier = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=3)))
    later = datetime(2026, 1, 1, 10, tzinfo=timezone(timedelta(0)))

    assert to_micros(earlier) < to_micros(later)


def test_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_micros(datetime(2026, 1, 1))


@given(text=st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_text_can_be_stored_and_good_text_stays(text: str) -> None:
    mended = storable(text)

    mended.encode()
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert mended == text


def test_halves_that_belong_together_are_joined() -> None:
    assert storable("\ud83d\udc4b \ud83d!") == "👋 \ufffd!"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"text": "x", "spans": [["no", 1]]}'])
def test_garbled_text_is_damage(text: str) -> None:
    with pytest.raises(StorageDamaged):
        decode_message(text, a_chat())
    with pytest.raises(StorageDamaged):
        decode_part(text)


@pytest.mark.parametrize("text", ["{", "[1]", "5"])
def test_garbled_calls_are_damage(text: str) -> None:
    with pytest.raises(StorageDamaged):
        decode_calls(text)
