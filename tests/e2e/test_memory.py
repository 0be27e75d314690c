"""What minibot remembers of people stays theirs, where they told it, and goes when they say so."""

import io
import json
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from itertools import product
from pathlib import Path

from tests.e2e.process import Installation
from tests.e2e.serving import edit, rows, serving
from tests.e2e.talking import Talk, call, files, play
from tests.peers.telegram.wire import Json

AMY, BOB, EVE = 700_000_111, 700_000_222, 700_000_333
PEOPLE = {AMY: "Amy", BOB: "Bob", EVE: "Eve"}
GROUP = -100_555_000_777
KINDS = ("note", "title", "file", "said")
REFUSED = 21
TITLES = ("Wedding plan", "Doctor", "Bank account")
"""The same ones for everybody, so that every search comes close to others' notes."""


@asynccontextmanager
async def remembering(folder: Path) -> AsyncIterator[Installation]:
    async with serving(folder, users=list(PEOPLE)) as installation:
        edit(installation, {"channels.telegram": {"allowed_chat_ids": [GROUP]}})
        minibot = await installation.start()
        await minibot.listening()
        yield installation
        assert installation.model.stats()["illegal"] == 0
        for request in _requests(installation):
            assert not [number for number in _numbers() if number in request]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


def _requests(installation: Installation) -> list[str]:
    return [json.dumps(body, ensure_ascii=False) for body in installation.model.bodies]


def _numbers() -> Iterator[str]:
    """Give what a model never has to know: ids of people and chats, and names of owners."""
    yield from map(str, (AMY, BOB, EVE, abs(GROUP)))
    yield "telegram:"


def talks(installation: Installation) -> list[Talk]:
    """Give everybody in private and in the group."""
    return [
        Talk(installation, person, chat, name=name)
        for person, name in PEOPLE.items()
        for chat in (person, GROUP)
    ]


def secret(talk: Talk, kind: str) -> str:
    """Give a word that nobody says but this person in this place."""
    return f"{kind}{'group' if talk.chat < 0 else 'private'}{talk.name.lower()}"


async def test_nobody_gets_anything_of_others_or_of_another_place(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        everybody = talks(installation)
        for talk in everybody:
            await _tell_secrets(installation, talk)
        play(installation, "look everywhere", *_probes(everybody), "I have looked everywhere.")

        for talk in everybody:
            await talk.ask("/new", "A fresh start")
            first = len(installation.model.records)
            await talk.ask("look everywhere", "I have looked everywhere.")
            seen = "".join(_requests(installation)[first:])
            # What was said in the group was said to all who are in it.
            hidden = [
                secret(other, kind)
                for other, kind in product(everybody, KINDS)
                if other is not talk and not (kind == "said" and other.chat == talk.chat)
            ]
            assert [word for word in hidden if word in seen] == []
            assert [kind for kind in KINDS if secret(talk, kind) not in seen] == []
            assert seen.count("there is no such argument") >= REFUSED


async def _tell_secrets(installation: Installation, talk: Talk) -> None:
    """Leave a word of their own in everything that keeps words."""
    noted, titled, filed, said = (secret(talk, kind) for kind in KINDS)
    for title in (*TITLES, titled):
        await talk.ask(f"/memory edit {title}: it is {noted}", "Remembered")
    writing = call("file_write", path="diary.txt", text=f"it is {filed}")
    play(installation, f"{said} goes into my diary", writing, f"Written about {said}.")
    await talk.ask(f"{said} goes into my diary", "Written about")


def _probes(everybody: list[Talk]) -> list[list[Json]]:
    """Ask for all that anybody has: by titles, parts of words, slips of the pen, pages."""
    words = [secret(talk, kind) for talk, kind in product(everybody, KINDS)]
    near = [form for word in words for form in (word[:-1], word[:-2] + word[-1] + word[-2])]
    pages = [call("note_search", query="", limit=9, offset=offset) for offset in range(24)]
    paths = ("diary.txt", "../diary.txt", "../../files/diary.txt", "~/diary.txt")
    return [
        [call("note_delete", title=form) for form in near],
        [call("note_search", query="", owner_id="bob"), *_with_owners()],
        [call("note_get", title=form) for form in (*near, "1", "2", "%", "*", "' OR 1=1 --")],
        [*(call("note_search", query=form, limit=1000) for form in (*near, "it is")), *pages],
        [call("chat_history_search", query=form) for form in (*near, "diary", "goes", "it is")],
        [call("chat_history_info"), call("file_list"), call("file_list", path="..")],
        [call("file_read", path=path) for path in paths],
    ]


def _with_owners() -> list[Json]:
    names = ("owner", "owner_id", "person", "user_id")
    owned = [{name: "bob"} for name in names]
    return [
        *(call("note_get", title="Doctor", **more) for more in owned),
        *(call("note_save", title="Doctor", data="healthy", **more) for more in owned),
        *(call("note_delete", title="Doctor", **more) for more in owned),
        *(call("chat_history_search", query="it", **more) for more in owned),
        *(call("file_read", path="diary.txt", **more) for more in owned),
    ]


async def test_a_receipt_takes_back_what_it_tells_of(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        amy, bob = (Talk(installation, person, GROUP) for person in (AMY, BOB))
        await amy.ask("/memory edit Tea: green", "Remembered")
        play(
            installation,
            "please",
            [
                call("note_save", title="Coffee", data="black"),
                call("note_delete", title="tea"),
                call("file_write", path="a.txt", text="new"),
            ],
            "All done.",
        )

        answer = await amy.ask("please", "All done.")
        receipts = answer["text"].splitlines()[2:]
        assert receipts == [
            "1. 📝 Remembered Coffee",
            "2. 🗑 Forgot Tea",
            "3. 💾 Wrote a.txt (3 bytes)",
        ]
        assert notes(installation) == {"Coffee": "black"}
        labels = [f"Undo {number}" for number in (1, 2, 3)]
        for label in labels:
            said = await amy.press(answer, label, by=BOB)
            assert said == "This button is for somebody else."
        assert notes(installation) == {"Coffee": "black"}
        for label in labels:
            assert await amy.press(answer, label) == "Done."
        await amy.shown("↩️", number=3)
        assert notes(installation) == {"Tea": "green"}
        assert files(installation) == {}
        for label in labels:
            assert await amy.press(answer, label) == "That was answered before."
        assert (await bob.ask("/memory"))["text"] == "I remember nothing about you in this group."


def notes(installation: Installation) -> dict[str, str]:
    return dict(rows(installation, "SELECT title, data FROM notes"))


async def test_a_receipt_is_good_for_ten_minutes_and_for_what_it_left(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        amy = Talk(installation, AMY)
        late = await amy.ask("/memory edit Tea: green", "Remembered")
        ((since, until_then),) = rows(installation, "SELECT created_at, expires_at FROM undoables")
        assert abs(until_then - since - 10 * 60 * 1_000_000) < 1_000_000
        changed = await amy.ask("/memory edit Coffee: black", "Remembered")
        again = await amy.ask("/memory edit coffee: with milk", "Changed")

        said = await amy.press(changed, "Undo")
        assert said == "That did not work: the note was changed since, and is left as it is now"
        assert await amy.press(again, "Undo") == "Done."
        assert notes(installation) == {"Tea": "green", "Coffee": "black"}
        _change(installation, "UPDATE undoables SET expires_at = created_at")
        assert await amy.press(late, "Undo") == "Too late: this button has expired."
        assert notes(installation) == {"Tea": "green", "Coffee": "black"}


def _change(installation: Installation, statement: str) -> None:
    with closing(sqlite3.connect(installation.database, timeout=10)) as database, database:
        database.execute(statement)


async def test_people_look_after_their_memory_themselves(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        amy = Talk(installation, AMY)
        for number in range(17):
            await amy.ask(f"/memory edit Thing {number}: worth {number}", "Remembered")
        long = "A very long story. " * 60
        await amy.ask(f"/memory edit *Story* & [more](x): {long}", "Remembered *Story* & [more](x)")

        first, second = await amy.ask("/memory"), await amy.ask("/memory 2")
        assert "18 things (page 1 of 2)" in first["text"]
        assert "Thing 0: worth 0" in second["text"]
        assert (await amy.ask("/memory 3"))["text"] == "There is no page 3."
        found = await amy.ask("/memory find stroy")
        assert "I remember 1 thing:" in found["text"]
        assert long.strip() in (await amy.ask("/memory show *story* & [more](x)"))["text"]
        assert "no such note" in (await amy.ask("/memory show Nothing"))["text"]
        assert "no note of exactly this title" in (await amy.ask("/memory delete Thing"))["text"]
        deleted = await amy.ask("/memory delete thing 3", "Forgot Thing 3")
        assert "Thing 3" not in notes(installation)
        assert await amy.press(deleted, "Undo") == "Done."
        await amy.shown("Thing 3 is as it was")
        assert notes(installation)["Thing 3"] == "worth 3"
        assert (await amy.ask("/memory nonsense"))["text"].startswith("/memory 2 turns the page")


async def test_what_is_said_incognito_leaves_nothing(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        amy = Talk(installation, AMY)
        play(
            installation, "remember", call("note_save", title="Tea", data="green"), "{last_result}"
        )
        await amy.ask("/memory edit Coffee: black", "Remembered")
        await amy.ask("rid1end my dog is Rex", "ack1end")

        await amy.ask("/incognito", "from now on I remember nothing")
        await amy.ask("rid2end the cat is Tom", "ack2end")
        request = installation.model.bodies[-1]
        assert not [word for word in ("Rex", "black") if word in json.dumps(request)]
        refused = await amy.ask("rid3end remember it", "there is no tool")
        assert "note_save" in refused["text"]
        followed = json.dumps(installation.model.bodies[-1])
        assert "Tom" in followed
        assert not [name for name in _names(installation.model.bodies[-1]) if "note_" in name]
        assert not [name for name in _names(request) if "history" in name]
        assert "incognito" in (await amy.ask("/memory"))["text"]

        await amy.ask("/incognito", "Incognito is over")
        await amy.ask("rid4end what now?", "ack4end")
        request = installation.model.bodies[-1]
        assert "Rex" in json.dumps(request)
        assert "Tom" not in json.dumps(request)
        assert "note_save" in _names(request)
        assert notes(installation) == {"Coffee": "black"}
        texts = str(rows(installation, "SELECT text FROM history"))
        assert ["Rex" in texts, "Tom" in texts, "remember it" in texts] == [True, False, False]


def _names(request: Json) -> list[str]:
    return [tool["function"]["name"] for tool in request.get("tools", [])]


async def test_what_is_put_away_is_not_shown_and_still_found(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        amy = Talk(installation, AMY)
        search = call("chat_history_search", query="restuarant barcelna")
        play(installation, "where did we eat", search, "Found: {last_result}")
        await amy.ask("rid1end the restaurant in Barcelona was Can Pep", "ack1end")

        await amy.ask("/new", "A fresh start")
        await amy.ask("rid2end hello", "ack2end")
        assert "Can Pep" not in json.dumps(installation.model.bodies[-1])
        found = await amy.ask("where did we eat?", "Found:")

        assert "Can Pep" in found["text"]


async def test_who_wants_to_be_forgotten_leaves_no_word(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        everybody = talks(installation)
        for talk in everybody:
            await _tell_secrets(installation, talk)
            await talk.ask("/new", "A fresh start")
        everywhere = [secret(talk, kind) for talk, kind in product(everybody, KINDS)]
        amy = everybody[0]
        assert "/forget me" in (await amy.ask("/forget"))["text"]
        kept = _kept(installation)
        assert [word for word in everywhere if word not in kept] == []

        erased = await amy.ask("/forget me")

        assert erased["text"].startswith("Erased for good: 8 notes, 2 files, 0 reminders")
        hers = [word for word in everywhere if word.endswith("amy")]
        others = [word for word in everywhere if word not in hers]
        kept = _kept(installation)
        assert [word for word in hers if word in kept] == []
        assert [word for word in others if word not in kept] == []
        assert (await amy.ask("/memory"))["text"] == "I remember nothing about you."
        assert await installation.runs[-1].stop() == 0
        written = b"".join(
            path.read_bytes() for path in installation.data.rglob("*") if path.is_file()
        ).decode("latin-1")
        assert [word for word in hers if word in written] == []
        assert [word for word in others if word not in written] == []
        minibot = await installation.start()
        await minibot.listening()


def _kept(installation: Installation) -> str:
    """Give all words in the database and in the names and contents of files."""
    with closing(sqlite3.connect(installation.database, timeout=10)) as database:
        tables = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        ).fetchall()
        found = [
            repr(database.execute(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608
            for (name,) in tables
        ]
    trees = (path for path in (installation.data / "files").rglob("*") if path.is_file())
    return "".join((*found, *(path.read_text() for path in trees)))


async def test_all_that_is_known_of_a_person_can_be_taken_along(tmp_path: Path) -> None:
    async with remembering(tmp_path) as installation:
        everybody = talks(installation)
        for talk in everybody:
            await _tell_secrets(installation, talk)
        amy, in_group = everybody[:2]
        await amy.ask("/new", "A fresh start")

        assert "in private" in (await in_group.ask("/export"))["text"]
        await amy.ask("/export", "Here is all I have about you")
        await amy.shown("", method="sendDocument")

        assert installation.telegram.sent_files(GROUP) == []
        (sent,) = installation.telegram.sent_files(AMY)
        assert sent.name == "minibot-export.zip"
        with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
            packed = {name: archive.read(name).decode() for name in archive.namelist()}
        assert sorted(packed) == [
            "README.txt",
            "conversations.jsonl",
            f"files/{GROUP}/diary.txt",
            "files/private/diary.txt",
            "notes.json",
            "plans.json",
            "settings.json",
        ]
        assert len(json.loads(packed["notes.json"])) == 8
        said = [json.loads(line) for line in packed["conversations.jsonl"].splitlines()]
        assert {entry["conversation"] for entry in said} == {f"telegram:{AMY}", f"telegram:{GROUP}"}
        content = "".join(packed.values())
        everywhere = [secret(talk, kind) for talk, kind in product(everybody, KINDS)]
        assert [word for word in everywhere if word in content] == [
            word for word in everywhere if word.endswith("amy")
        ]
