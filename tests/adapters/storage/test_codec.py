"""What goes into the database as text comes out as it was."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.adapters.storage.codec import (
    decode_calls,
    decode_message,
    decode_part,
    decode_pictures,
    encode_calls,
    encode_message,
    encode_part,
    encode_pictures,
    from_micros,
    storable,
    to_micros,
)
from minibot.core.errors import StorageDamaged
from minibot.core.llm import Picture, ToolCall
from minibot.core.messages import (
    Attachment,
    Button,
    ChatRef,
    IncomingMessage,
    OutgoingFile,
    Part,
    Person,
    Press,
    Span,
    Work,
)
from tests.adapters.storage.whole import whole
from tests.contracts.storages import a_chat

MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.timezones()
)
SIZES = st.integers(min_value=0, max_value=2**40)
MESSAGES = whole(
    IncomingMessage,
    chat=st.just(a_chat()),
    sender=whole(Person),
    sent_at=MOMENTS.map(lambda moment: moment.astimezone(UTC)),
    work=st.none() | whole(Work, due=MOMENTS.map(lambda moment: moment.astimezone(UTC))),
    attachments=st.lists(whole(Attachment, size=SIZES), max_size=3).map(tuple),
    quoted_attachments=st.lists(whole(Attachment, size=SIZES), max_size=2).map(tuple),
    redoes=SIZES,
    press=st.none() | whole(Press),
)
PARTS = whole(
    Part,
    spans=st.lists(whole(Span, offset=SIZES, length=SIZES, unix_time=SIZES), max_size=4).map(tuple),
    buttons=st.lists(st.lists(whole(Button), max_size=3).map(tuple), max_size=3).map(tuple),
    file=st.none() | whole(OutgoingFile),
)
CALLS = st.lists(whole(ToolCall), max_size=3).map(tuple)

MESSAGE_OF_VERSION_1 = (
    '{"id":"5","sender":{"id":"7","name":"Ann","language":"en"},"text":"hi","sent_at":0,'
    '"private":true,"addressed":true,"attachments":[],"reply_to":"","quoted_text":""}'
)
PART_OF_VERSION_1 = '{"text":"hi","spans":[["bold",0,2,"",""]]}'
CALLS_OF_VERSION_1 = '[["c1","look","{}"]]'


@given(message=MESSAGES)
def test_message_survives_in_the_chat_of_its_row(message: IncomingMessage) -> None:
    elsewhere = ChatRef(channel="telegram", chat_id="-100")

    decoded = decode_message(encode_message(message), elsewhere)

    assert decoded.chat == elsewhere
    assert decode_message(encode_message(message), message.chat) == message


@given(part=PARTS)
def test_part_survives(part: Part) -> None:
    assert decode_part(encode_part(part)) == part


@given(pictures=st.lists(whole(Picture), max_size=3).map(tuple))
def test_pictures_survive(pictures: tuple[Picture, ...]) -> None:
    assert decode_pictures(encode_pictures(pictures)) == pictures


@pytest.mark.parametrize("damaged", ["[", "[1]", '[["a"]]', "{}x"])
def test_pictures_that_cannot_be_read_are_damage(damaged: str) -> None:
    with pytest.raises(StorageDamaged, match="pictures"):
        decode_pictures(damaged)


@given(calls=CALLS)
def test_tool_calls_survive(calls: tuple[ToolCall, ...]) -> None:
    assert decode_calls(encode_calls(calls)) == calls


def test_what_version_1_wrote_is_read() -> None:
    message = decode_message(MESSAGE_OF_VERSION_1, a_chat())
    part = decode_part(PART_OF_VERSION_1)

    assert (message.text, message.foreign, message.press) == ("hi", False, None)
    assert (part.text, len(part.spans), part.buttons, part.file) == ("hi", 1, (), None)
    assert decode_calls(CALLS_OF_VERSION_1) == (ToolCall(id="c1", name="look", arguments="{}"),)


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


GARBLED = (
    "",
    "{",
    "[]",
    "{}",
    '{"text": "x", "spans": [["no", 1]]}',
    '{"text": "x", "spans": [], "buttons": [[["label"]]]}',
    '{"text": "x", "spans": [], "file": {"nome": "x"}}',
    MESSAGE_OF_VERSION_1.replace('"private"', '"press":{"id":"1"},"private"'),
)


@pytest.mark.parametrize("text", GARBLED)
def test_garbled_text_is_damage(text: str) -> None:
    with pytest.raises(StorageDamaged):
        decode_message(text, a_chat())
    with pytest.raises(StorageDamaged):
        decode_part(text)


@pytest.mark.parametrize("text", ["{", "[1]", "5", '[["a","b"]]', '[["a","b","{}","s","?"]]'])
def test_garbled_calls_are_damage(text: str) -> None:
    with pytest.raises(StorageDamaged):
        decode_calls(text)
