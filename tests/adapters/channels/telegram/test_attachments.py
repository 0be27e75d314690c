"""What is read of content beside the text."""

import pytest

from minibot.core.messages import Attachment, AttachmentKind
from tests.adapters.channels.telegram.update_samples import STRANGER, Door, Json, person

PLACE = {"latitude": 52.52, "longitude": 13.405}


def size(name: str, width: int, height: int) -> Json:
    return {"file_id": name, "file_unique_id": f"u{name}", "width": width, "height": height}


def test_the_largest_size_that_is_not_needlessly_large_is_taken() -> None:
    sizes = [size("S", 90, 60), size("M", 1280, 853), size("L", 2560, 1706), size("X", 5120, 3413)]

    message = Door().read(photo=sizes)

    assert [each.file_id for each in message.attachments] == ["L"]


def test_where_all_sizes_are_too_large_the_smallest_is_taken() -> None:
    message = Door().read(photo=[size("X", 5120, 3413), size("Y", 9000, 6000)])

    assert [each.file_id for each in message.attachments] == ["X"]


@pytest.mark.parametrize(
    ("kind", "content", "detail"),
    [
        ("voice", {"duration": 35}, "0:35"),
        ("video_note", {"duration": 61}, "1:01"),
        ("audio", {"performer": "Nina", "title": "Feel", "duration": 180}, "Nina, Feel, 3:00"),
        ("sticker", {"emoji": "😀"}, "😀"),
        ("dice", {"emoji": "🎲", "value": 4}, "🎲 4"),
        ("dice", {"emoji": "🎲"}, "🎲"),
        ("location", PLACE, "latitude 52.520000, longitude 13.405000"),
        ("location", {**PLACE, "live_period": 60}, "latitude 52.520000, longitude 13.405000, live"),
        ("location", {"latitude": "x"}, ""),
        (
            "venue",
            {"title": "Zoo", "address": "Park 1", "location": PLACE},
            "Zoo, Park 1, latitude 52.520000, longitude 13.405000",
        ),
        (
            "contact",
            {"first_name": "Ann", "last_name": "Lee", "phone_number": "+49170"},
            "Ann Lee, +49170",
        ),
        (
            "poll",
            {"question": "When?", "options": [{"text": "Mon"}, {"text": "Tue"}, 7]},
            "When?, Mon / Tue",
        ),
        ("poll", {"question": "Q", "options": "x", "is_closed": True}, "Q; closed"),
        ("game", {"title": "x"}, "a game"),
    ],
)
def test_what_needs_no_file_is_told_in_words(kind: str, content: Json, detail: str) -> None:
    (attachment,) = Door().read(**{kind: content}).attachments

    assert attachment.detail == detail


def test_a_venue_is_not_a_location_as_well() -> None:
    message = Door().read(venue={"title": "Zoo"}, location=PLACE)

    assert [each.kind for each in message.attachments] == [AttachmentKind.VENUE]


@pytest.mark.parametrize("field", ["reply_to_message", "external_reply"])
def test_content_of_the_message_that_is_answered_is_there_and_foreign(field: str) -> None:
    quoted = {
        "message_id": 5,
        "from": person(STRANGER),
        "photo": [size("P", 9, 9)],
        "document": {"file_id": "D", "file_name": "a.pdf"},
    }

    message = Door().read(text="what is it?", **{field: quoted})

    assert message.attachments == ()
    assert message.quoted_attachments == (
        Attachment(kind=AttachmentKind.PHOTO, file_id="P", key="uP"),
        Attachment(kind=AttachmentKind.DOCUMENT, file_id="D", name="a.pdf"),
    )
    assert message.foreign


@pytest.mark.parametrize("photo", [{"file_id": "F"}, "x", [7], []])
def test_an_odd_photo_in_the_message_that_is_answered_makes_nothing_unreadable(
    photo: object,
) -> None:
    replied = {"message_id": 5, "from": person(), "photo": photo}

    assert Door().read(text="hi", reply_to_message=replied).text == "hi"
