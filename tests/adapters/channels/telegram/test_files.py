"""Files on their way to people, in a Bot API that keeps state."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from minibot.adapters.channels.telegram.uploads import multipart, prepare
from minibot.core.errors import SendRefused
from minibot.core.messages import Part
from tests.adapters.channels.telegram.outgoing import (
    BOLD,
    BOLD_ENTITY,
    BUTTONS,
    JPEG,
    KEYBOARD,
    QUESTION,
    file,
    in_topic,
    outgoing,
)
from tests.adapters.channels.telegram.served import Served, methods, shown
from tests.adapters.channels.telegram.update_samples import GROUP, OWNER
from tests.peers.telegram.faults import Fault


async def test_a_photo_whose_formatting_is_refused_stays_a_photo(
    served: Served, tmp_path: Path
) -> None:
    image = file(tmp_path, JPEG, mime="image/webp")
    text = "Bad Request: can't parse entities: unsupported offset"
    served.api.app.faults.append(Fault(code=400, description=text, times=1))

    await served.channel.send(outgoing(Part(text="A cat", spans=(BOLD,), file=image)))

    assert methods(served) == ["sendPhoto", "sendPhoto"]


async def test_a_file_arrives_with_name_type_caption_buttons_reply_and_topic(
    served: Served, tmp_path: Path
) -> None:
    asked = served.api.app.inject({"chat_id": GROUP, "user_id": OWNER, "text": "?"})["message_id"]
    kept = file(tmp_path, b"one\x00two", name="Übersicht 1.csv", mime="text/csv")
    part = Part(text="Hi 😀", spans=(BOLD,), buttons=BUTTONS, file=kept)

    message_id = await served.channel.send(
        in_topic(outgoing(part, chat_id=GROUP, reply_to=str(asked)), 17)
    )

    (sent,) = served.api.app.sent_files(GROUP)
    assert (sent.kind, sent.name, sent.mime_type) == ("document", "Übersicht 1.csv", "text/csv")
    assert (sent.data, sent.caption) == (b"one\x00two", "Hi 😀")
    message = shown(served, message_id, GROUP)
    assert message["caption_entities"] == [BOLD_ENTITY]
    assert message["reply_markup"] == KEYBOARD
    assert message["reply_to_message"]["message_id"] == asked
    assert message["message_thread_id"] == 17


async def test_a_file_needs_no_caption(served: Served, tmp_path: Path) -> None:
    await served.channel.send(outgoing(Part(text="", file=file(tmp_path, b"data"))))

    (sent,) = served.api.app.sent_files(OWNER)
    assert (sent.data, sent.caption) == (b"data", "")


async def test_a_file_of_several_megabytes_arrives_whole(served: Served, tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_288

    await served.channel.send(outgoing(Part(text="", file=file(tmp_path, data))))

    assert served.api.app.sent_files(OWNER)[0].data == data


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ('a"b\\c.txt', "a_b_c.txt"),
        ("a\r\nX-Evil: 1.txt", "a__X-Evil: 1.txt"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("half\udce9.txt", "half?.txt"),
        (" ", "file"),
        ("100%20.txt", "100%20.txt"),
    ],
)
async def test_a_name_arrives_without_what_no_header_can_carry(
    served: Served, tmp_path: Path, name: str, arrives: str
) -> None:
    await served.channel.send(outgoing(Part(text="", file=file(tmp_path, b"data", name=name))))

    assert served.api.app.sent_files(OWNER)[0].name == arrives


@pytest.mark.parametrize("mime", ["", "text", "text/csv\r\nX-Evil: 1", "text/csv; charset=x"])
async def test_a_type_that_is_none_is_left_open(served: Served, tmp_path: Path, mime: str) -> None:
    await served.channel.send(outgoing(Part(text="", file=file(tmp_path, b"data", mime=mime))))

    assert served.api.app.sent_files(OWNER)[0].mime_type == "application/octet-stream"


async def test_an_image_is_shown_as_a_photo(served: Served, tmp_path: Path) -> None:
    image = file(tmp_path, JPEG, name="cat.jpg", mime="image/jpeg")

    await served.channel.send(outgoing(Part(text="A cat", file=image)))

    (sent,) = served.api.app.sent_files(OWNER)
    assert (sent.kind, sent.data, sent.caption) == ("photo", JPEG, "A cat")


@pytest.mark.parametrize("mime", ["image/gif", "image/svg+xml", "video/mp4"])
async def test_other_pictures_are_documents(served: Served, tmp_path: Path, mime: str) -> None:
    await served.channel.send(outgoing(Part(text="", file=file(tmp_path, b"x", mime=mime))))

    assert methods(served) == ["sendDocument"]


async def test_an_image_too_big_for_a_photo_is_a_document(served: Served, tmp_path: Path) -> None:
    image = file(tmp_path, JPEG.ljust(10 * 1024**2 + 1, b"x"), mime="image/jpeg")

    await served.channel.send(outgoing(Part(text="", file=image)))

    assert methods(served) == ["sendDocument"]


async def test_an_image_that_is_refused_as_a_photo_is_a_document(
    served: Served, tmp_path: Path
) -> None:
    image = file(tmp_path, b"no picture at all", mime="image/png")

    await served.channel.send(outgoing(Part(text="A cat", spans=(BOLD,), file=image)))

    assert methods(served) == ["sendPhoto", "sendDocument"]
    (sent,) = served.api.app.sent_files(OWNER)
    assert (sent.kind, sent.mime_type, sent.data) == ("document", "image/png", b"no picture at all")


async def test_a_file_whose_topic_and_reply_are_gone_goes_to_the_chat(
    served: Served, tmp_path: Path
) -> None:
    text = "Bad Request: message thread not found"
    served.api.app.faults.append(Fault(code=400, description=text, times=1))
    part = Part(text="x", file=file(tmp_path, b"data"))

    message_id = await served.channel.send(
        in_topic(outgoing(part, chat_id=GROUP, reply_to="5"), 17)
    )

    assert "message_thread_id" not in shown(served, message_id, GROUP)
    assert served.api.app.sent_files(GROUP)[0].data == b"data"


async def test_a_copy_that_vanished_is_refused(served: Served, tmp_path: Path) -> None:
    kept = replace(file(tmp_path, b"data"), path=str(tmp_path / "gone"))

    with pytest.raises(SendRefused, match=r"notes\.txt is not there any more"):
        await served.channel.send(outgoing(Part(text="x", file=kept)))

    assert methods(served) == []


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "is empty"), (50 * 1024**2 + 1, r"has 50\.0 MB: Telegram takes 50 MB")],
)
async def test_a_file_nobody_would_take_is_not_offered(
    served: Served, tmp_path: Path, size: int, words: str
) -> None:
    kept = file(tmp_path, b"")
    os.truncate(kept.path, size)  # takes no room on the disk

    with pytest.raises(SendRefused, match=words):
        await served.channel.send(outgoing(Part(text="x", file=kept)))

    assert methods(served) == []


async def test_a_file_that_is_refused_for_its_size_is_named(served: Served, tmp_path: Path) -> None:
    served.api.app.faults.append(Fault(code=413, description="Request Entity Too Large"))

    with pytest.raises(SendRefused, match=r"notes\.txt is too big: Request Entity Too Large"):
        await served.channel.send(outgoing(Part(text="x", file=file(tmp_path, b"data"))))


def test_a_copy_that_vanishes_after_it_was_looked_at_is_refused(tmp_path: Path) -> None:
    upload = prepare(file(tmp_path, b"data"), as_document=False)
    upload.path.unlink()

    with pytest.raises(SendRefused, match="not there any more"), multipart({}, upload):
        pass


def test_a_large_file_may_take_its_time(tmp_path: Path) -> None:
    small, large = file(tmp_path, b"x" * 65_536), tmp_path / "large"
    large.touch()
    os.truncate(large, 50 * 1024**2)

    assert prepare(small, as_document=False).seconds == 1
    assert prepare(replace(small, path=str(large)), as_document=False).seconds == 800


async def test_a_caption_is_never_cut(served: Served, tmp_path: Path) -> None:
    served.api.app.length_unit = "utf16"
    kept = file(tmp_path, b"data")
    await served.channel.send(outgoing(Part(text="😀" * 512, file=kept)))

    with pytest.raises(SendRefused, match=r"1025 characters.*1024.*message of its own"):
        await served.channel.send(outgoing(Part(text="😀" * 512 + "x", file=kept)))

    assert [sent.caption for sent in served.api.app.sent_files(OWNER)] == ["😀" * 512]


async def test_no_file_takes_the_place_of_a_message(served: Served, tmp_path: Path) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))

    with pytest.raises(SendRefused, match="send it as a new one"):
        await served.channel.send(
            outgoing(Part(text="x", file=file(tmp_path, b"data")), edits=message_id)
        )

    assert shown(served, message_id)["text"] == "Shall I?"


OPUS = b"OggS\0\x02" + b"\0" * 22 + b"OpusHead" + b"\0" * 20


@pytest.mark.parametrize(
    ("name", "mime", "data", "method"),
    [
        ("a.ogg", "audio/ogg", OPUS, "sendVoice"),
        ("a.opus", "audio/opus", OPUS, "sendVoice"),
        ("a.ogg", "audio/ogg", b"OggS" + b"\x01vorbis" * 20, "sendDocument"),
        ("a.mp3", "audio/mpeg", OPUS, "sendDocument"),
    ],
)
async def test_opus_in_ogg_is_a_voice_message(
    served: Served, tmp_path: Path, name: str, mime: str, data: bytes, method: str
) -> None:
    recording = file(tmp_path, data, name=name, mime=mime)

    await served.channel.send(outgoing(Part(text="listen", file=recording)))

    assert methods(served) == [method]
    assert served.api.app.sent_files(OWNER)[0].caption == "listen"


async def test_a_recording_that_is_refused_as_a_voice_message_is_a_document(
    served: Served, tmp_path: Path
) -> None:
    text = "Bad Request: VOICE_MESSAGES_FORBIDDEN"
    served.api.app.faults.append(Fault(code=400, method="sendVoice", description=text, times=1))

    await served.channel.send(
        outgoing(Part(text="", file=file(tmp_path, OPUS, name="a.ogg", mime="audio/ogg")))
    )

    assert methods(served) == ["sendVoice", "sendDocument"]
