"""What people, channels and other bots write, in every form it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.peers.entities import utf16_len
from tests.peers.telegram.rig import TOKEN, Rig
from tests.peers.telegram.wire import Json

GROUP, CHANNEL, SUPERGROUP = -5, -1001, -1005


async def updates(rig: Rig) -> list[Json]:
    found: list[Json] = await rig.ok("getUpdates")
    return found


async def message(rig: Rig, **spec: Any) -> Json:
    """Let somebody write; give the message as the bot gets it."""
    await rig.inject(**spec)
    (update,) = await rig.ok("getUpdates", offset=-1)
    found: Json = update["message"]
    return found


async def download(rig: Rig, file_id: str) -> bytes:
    path = (await rig.ok("getFile", file_id=file_id))["file_path"]
    async with rig.http.get(f"{rig.telegram.url}/file/bot{TOKEN}/{path}") as response:
        assert response.status == 200
        return await response.read()


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("voice", {"mime_type": "audio/ogg", "duration": 9}),
        ("audio", {"mime_type": "audio/mpeg", "duration": 9}),
        ("video", {"mime_type": "video/mp4", "width": 640}),
        ("video_note", {"length": 240, "duration": 9}),
        ("animation", {"mime_type": "video/mp4"}),
        ("sticker", {"type": "regular", "is_animated": False}),
        ("document", {"file_name": "o.bin", "file_size": 5}),
    ],
)
async def test_every_kind_of_file_is_downloaded_as_it_was_sent(
    rig: Rig, tmp_path: Path, kind: str, details: Json
) -> None:
    (tmp_path / "o.bin").write_bytes(b"\x00real")
    file = {"path": str(tmp_path / "o.bin"), "duration": 9}
    found = (await message(rig, kind=kind, file=file))[kind]
    assert details.items() <= found.items()
    assert await download(rig, found["file_id"]) == b"\x00real"


async def test_a_file_that_is_not_there_is_not_sent(rig: Rig, tmp_path: Path) -> None:
    spec = {"chat_id": 7, "kind": "voice", "file": {"path": str(tmp_path / "gone.ogg")}}
    with pytest.raises(ValueError, match=r"file\.path: .*gone\.ogg"):
        rig.app.inject(spec)


async def test_places_contacts_polls_and_dice(rig: Rig) -> None:
    place = await message(rig, kind="location", latitude=52.5, longitude=13.4)
    assert place["location"] == {"latitude": 52.5, "longitude": 13.4}
    person = await message(rig, kind="contact", contact={"first_name": "Bo", "user_id": 9})
    assert person["contact"] == {"phone_number": "+10000000000", "first_name": "Bo", "user_id": 9}
    poll = (await message(rig, kind="poll", question="Tea?", options=["a", "b", "c"]))["poll"]
    assert (poll["question"], [o["text"] for o in poll["options"]]) == ("Tea?", ["a", "b", "c"])
    assert (await message(rig, kind="dice", value=6))["dice"] == {"emoji": "🎲", "value": 6}


async def test_texts_and_captions_are_edited(rig: Rig) -> None:
    text = await rig.inject(text="helo /x")
    photo = await rig.inject(kind="photo", caption="old")
    await rig.inject(kind="edit", message_id=text["message_id"], text="hello")
    await rig.inject(kind="edit", message_id=photo["message_id"], text="new")
    hello, new = (update["edited_message"] for update in (await updates(rig))[2:])
    assert (hello["text"], "entities" in hello, "edit_date" in hello) == ("hello", False, True)
    assert (new["caption"], "text" in new, "photo" in new) == ("new", False, True)
    with pytest.raises(ValueError, match="no such message to edit"):
        rig.app.inject({"chat_id": 7, "kind": "edit", "message_id": 99, "text": "x"})


async def test_a_forward_tells_the_channel_or_the_group_it_is_from(rig: Rig) -> None:
    source = {"channel": CHANNEL, "title": "News", "message_id": 4, "signature": "Ed"}
    told = (await message(rig, text="x", forward_from=source))["forward_origin"]
    assert (told["type"], told["message_id"], told["author_signature"]) == ("channel", 4, "Ed")
    assert told["chat"] == {"id": CHANNEL, "type": "channel", "title": "News"}
    told = (await message(rig, text="x", forward_from={"chat": GROUP}))["forward_origin"]
    assert (told["type"], told["sender_chat"]["id"]) == ("chat", GROUP)


async def test_who_does_not_write_as_a_person(rig: Rig) -> None:
    admin = await message(rig, chat_id=GROUP, text="x", anonymous=True)
    assert (admin["from"]["username"], admin["sender_chat"]["id"]) == ("GroupAnonymousBot", GROUP)
    channel = await message(rig, chat_id=GROUP, text="x", as_channel=CHANNEL, title="News")
    assert channel["from"]["username"] == "Channel_Bot"
    assert channel["sender_chat"] == {"id": CHANNEL, "type": "channel", "title": "News"}
    robot = {"is_bot": True, "username": "other_bot"}
    other = await message(rig, chat_id=GROUP, text="x", user_id=77, user=robot)
    assert (other["from"]["id"], other["from"]["is_bot"]) == (77, True)


async def test_a_channel_posts_and_edits_what_it_posted(rig: Rig) -> None:
    channel = {"chat_id": CHANNEL, "chat_type": "channel"}
    posted = await rig.inject(**channel, text="old", signature="Ed")
    number = posted["message_id"]
    await rig.inject(**channel, kind="edit", message_id=number, text="new")
    old, new = await updates(rig)
    assert old["channel_post"]["sender_chat"]["id"] == CHANNEL
    assert (old["channel_post"]["author_signature"], "from" in old["channel_post"]) == ("Ed", False)
    assert new["edited_channel_post"]["text"] == "new"
    theirs = await rig.fails("editMessageText", chat_id=CHANNEL, message_id=number, text="x")
    assert theirs == (400, "Bad Request: message can't be edited")
    assert rig.app.sent_files(CHANNEL) == []


async def test_a_text_that_is_too_long_comes_in_parts(rig: Rig) -> None:
    first = await rig.inject(text="?")
    text = "x" * 4095 + "😀" + "y" * 5000
    written = await rig.inject(kind="split", text=text, reply_to=first["message_id"])
    _, *parts = [update["message"] for update in await updates(rig)]
    assert "".join(part["text"] for part in parts) == text
    assert [utf16_len(part["text"]) for part in parts] == [4095, 4096, 906]
    assert [part["message_id"] for part in parts] == written["message_ids"]
    assert ["reply_to_message" in part for part in parts] == [True, False, False]


async def test_a_group_becomes_a_supergroup(rig: Rig) -> None:
    await rig.inject(chat_id=GROUP, chat_type="group", text="hi")
    await rig.inject(chat_id=GROUP, kind="migrate", to=SUPERGROUP)
    _, old, new = [update["message"] for update in await updates(rig)]
    assert (old["chat"]["id"], old["migrate_to_chat_id"]) == (GROUP, SUPERGROUP)
    assert (new["chat"]["id"], new["migrate_from_chat_id"]) == (SUPERGROUP, GROUP)
    status, body = await rig.api("sendMessage", chat_id=GROUP, text="x")
    assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": SUPERGROUP})
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    await rig.ok("sendMessage", chat_id=SUPERGROUP, text="x")


async def test_a_bot_with_privacy_sees_what_addresses_it(rig: Rig) -> None:
    await rig.control("config", {"privacy_mode": True})
    for chat_type, chat_id in (("group", GROUP), ("supergroup", SUPERGROUP)):
        where = {"chat_id": chat_id, "chat_type": chat_type}
        assert (await rig.inject(**where, text="psst"))["update_id"] is None
        assert (await rig.inject(**where, text="/help"))["update_id"] is not None
        assert (await rig.inject(**where, text="you", mention=True))["update_id"] is not None
    channel = {"chat_id": CHANNEL, "chat_type": "channel"}
    assert (await rig.inject(**channel, text="news"))["update_id"] is not None
