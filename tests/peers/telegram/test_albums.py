"""Albums: several files that are one message to a person."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.peers.telegram.faults import Flood
from tests.peers.telegram.rig import TOKEN, Rig
from tests.peers.telegram.wire import Json

JPEG = b"\xff\xd8\xff"


async def messages(rig: Rig) -> list[Json]:
    return [update["message"] for update in await rig.ok("getUpdates")]


async def test_an_album_comes_as_messages_right_behind_each_other(rig: Rig) -> None:
    items = [{"file": {"text": f"photo {n}"}} for n in range(3)]
    await rig.inject(text="before")
    written = await rig.inject(kind="album", items=items, caption="look", thread_id=5)
    await rig.inject(text="after")
    _, *album, _ = await messages(rig)
    assert [message["message_id"] for message in album] == written["message_ids"]
    assert {message["media_group_id"] for message in album} == {written["media_group_id"]}
    assert [message.get("caption") for message in album] == ["look", None, None]
    assert {message["message_thread_id"] for message in album} == {5}
    first = written["update_ids"][0]
    assert written["update_ids"] == [first, first + 1, first + 2]
    files = [rig.app.files.by_id[message["photo"][-1]["file_id"]].data for message in album]
    assert files == [b"photo 0", b"photo 1", b"photo 2"]


async def test_two_albums_are_told_apart_and_documents_have_captions_of_their_own(
    rig: Rig,
) -> None:
    papers = [{"kind": "document", "caption": f"page {n}"} for n in range(2)]
    one = await rig.inject(kind="album", items=papers)
    other = await rig.inject(kind="album", items=[{"kind": "photo"}, {"kind": "video"}])
    assert one["media_group_id"] != other["media_group_id"]
    first, second, photo, video = await messages(rig)
    assert (first["caption"], second["caption"]) == ("page 0", "page 1")
    assert ("photo" in photo, "video" in video) == (True, True)


@pytest.mark.parametrize(
    "kinds",
    [["photo"], ["photo"] * 11, ["photo", "document"], ["audio", "document"], ["voice"] * 2],
)
async def test_nobody_sends_an_album_clients_cannot_make(rig: Rig, kinds: list[str]) -> None:
    with pytest.raises(ValueError, match="nobody can send an album"):
        rig.app.inject({"chat_id": 7, "kind": "album", "items": [{"kind": k} for k in kinds]})


async def send(rig: Rig, *parts: Json, **more: str) -> Json:
    """Send an album with two uploads."""
    form = aiohttp.FormData({"chat_id": "7", "media": json.dumps(parts), **more})
    for name in ("a", "b"):
        form.add_field(name, JPEG + name.encode(), filename=f"{name}.jpg")
    url = f"{rig.telegram.url}/bot{TOKEN}/sendMediaGroup"
    async with rig.http.post(url, data=form) as response:
        body: Json = await response.json()
        return body


def part(kind: str, name: str = "a", **more: Any) -> Json:
    return {"type": kind, "media": f"attach://{name}", **more}


async def test_the_bot_sends_an_album(rig: Rig) -> None:
    asked = await rig.inject(text="show me")
    reply = json.dumps({"message_id": asked["message_id"]})
    rig.app.flood = Flood()
    sent = await send(
        rig,
        part("photo", caption="*one*", parse_mode="MarkdownV2"),
        part("photo", "b"),
        reply_parameters=reply,
    )
    first, second = sent["result"]
    assert first["media_group_id"] == second["media_group_id"]
    assert (first["caption"], first["caption_entities"][0]["type"]) == ("one", "bold")
    assert second["reply_to_message"]["message_id"] == asked["message_id"]
    assert [file.data for file in rig.app.sent_files(7)] == [JPEG + b"a", JPEG + b"b"]
    events = rig.app.transcript.select({"dir": "out"})
    assert [(event["method"], event["text"]) for event in events] == [
        ("sendMediaGroup", "one"),
        ("sendMediaGroup", ""),
    ]


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([part("photo")], "wrong number of media"),
        ([part("photo")] * 11, "wrong number of media"),
        ([part("photo"), part("document", "b")], "document can't be mixed"),
        ([part("audio"), part("photo", "b")], "audio can't be mixed"),
        ([part("photo"), part("animation", "b")], "type 'animation' is not supported"),
        ([part("photo"), part("photo", "c")], "wrong file identifier"),
        ([part("photo"), {"type": "photo"}], "media not found"),
        ([part("photo"), part("photo", "b", caption="x" * 1025)], "caption is too long"),
        ([part("photo"), part("video", "b", show_caption_above_media=True)], "must be the same"),
        ([part("photo"), "b"], "can't parse"),
    ],
)
async def test_an_album_is_sent_whole_or_not_at_all(
    rig: Rig, parts: list[Any], problem: str
) -> None:
    rig.app.chat(7)
    refused = await send(rig, *parts)
    assert (refused["ok"], refused["error_code"]) == (False, 400)
    assert problem in refused["description"]
    assert rig.app.sent_files(7) == []
