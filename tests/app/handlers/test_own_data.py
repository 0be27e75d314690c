"""All that is stored about one person: taken along, or erased."""

import io
import json
import zipfile
from collections import defaultdict
from datetime import datetime

import pytest

from minibot.adapters.storage import in_memory_storage
from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.own_plans import OwnPlans
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.own_data import LARGEST_EXPORT, PAGE, Erased, OwnData
from minibot.app.incognito import Incognito
from minibot.app.pipeline import TurnContext
from minibot.app.recall import CachedNotes
from minibot.app.running_turns import RunningTurns
from minibot.core.errors import ToolFailed
from minibot.core.exchanges import Exchange
from minibot.core.llm import Role, Utterance
from minibot.core.messages import OutgoingFile
from minibot.core.notes import Note
from minibot.core.owners import belongs_to
from minibot.core.personal import Export, ExportedEntry
from tests.app.agenda.planning import make_job
from tests.app.media import FakeMediaStore
from tests.app.rig import Rig
from tests.app.turn_context import make_context
from tests.fakes import START, FakeClock, make_chat

ANN, IN_GROUP, BOB = "telegram:42", "telegram:42@-100", "telegram:43"
SAID = ExportedEntry(
    conversation=ANN, role=Role.USER, text="hi ü", written_at=START, put_away=False
)


class FakePersonalData:
    """Knows one entry of everybody."""

    def __init__(self) -> None:
        self.erased: list[tuple[str, str]] = []

    async def export(self, channel: str, person_id: str) -> Export:
        return Export(entries=(SAID,) if (channel, person_id) == ("telegram", "42") else ())

    async def erase(self, channel: str, person_id: str) -> int:
        self.erased.append((channel, person_id))
        return 3


class FakeFiles:
    """Folders in memory."""

    def __init__(self) -> None:
        self.folders: dict[str, dict[str, bytes]] = defaultdict(dict)
        self.unreadable: set[str] = set()
        self.handed_out: list[tuple[str, bytes]] = []
        self.failure: ToolFailed | None = None
        """What handing out runs into."""

    async def read(self, owner: str, path: str) -> bytes:
        if path in self.unreadable:
            raise ToolFailed("too large")
        return self.folders[owner][path]

    async def write(self, owner: str, path: str, data: bytes) -> str:
        self.folders[owner][path] = data
        return path

    async def take_back(self, owner: str, ticket: str) -> str:
        del self.folders[owner][ticket]
        return ticket

    async def delete(self, owner: str, path: str) -> None:
        del self.folders[owner][path]

    async def paths(self, owner: str, path: str = "") -> list[str]:
        folders = {f"{each.rpartition('/')[0]}/" for each in self.folders[owner] if "/" in each}
        return sorted((*self.folders[owner], *folders))

    async def copy_out(self, owner: str, path: str) -> OutgoingFile:
        return await self.hand_out(owner, path, self.folders[owner][path])

    async def hand_out(self, owner: str, name: str, data: bytes) -> OutgoingFile:
        if self.failure is not None:
            raise self.failure
        self.handed_out.append((name, data))
        return OutgoingFile(path=f"/out/{name}", name=name)

    async def owners(self, person: str) -> list[str]:
        return [owner for owner in self.folders if belongs_to(owner, person)]

    async def clear(self, owner: str) -> int:
        return len(self.folders.pop(owner, {}))

    async def purge(self, now: datetime) -> int:
        return 0


class Owning:
    """What Ann and Bob have stored."""

    def __init__(self) -> None:
        storage = in_memory_storage(FakeClock())
        self.notes = CachedNotes(storage.notes)
        self.files = FakeFiles()
        self.personal_data = FakePersonalData()
        self.media = FakeMediaStore()
        self.incognito = Incognito(storage.preferences)
        self.agenda = Agenda(InMemoryAgenda(AgendaRows()), FakeClock())
        self.chats = ChatSettingsBook(Rig().storage.preferences)
        self.own_data = OwnData(
            personal_data=self.personal_data,
            notes=self.notes,
            files=self.files,
            media=self.media,
            incognito=self.incognito,
            plans=OwnPlans(self.agenda, RunningTurns()),
            chats=self.chats,
        )

    async def note(self, owner: str, title: str) -> None:
        note = Note(owner=owner, title=title, data="ü", created_at=START, updated_at=START)
        await self.notes.save(note)

    async def export(self, context: TurnContext | None = None) -> zipfile.ZipFile:
        sent = await self.own_data.export(context or make_context("/export"))
        assert (sent.name, sent.path) == ("minibot-export.zip", "/out/minibot-export.zip")
        return zipfile.ZipFile(io.BytesIO(self.files.handed_out[-1][1]))


@pytest.fixture
async def owning() -> Owning:
    made = Owning()
    for owner, title in ((ANN, "tea"), (ANN, "cat"), (IN_GROUP, "plan"), (BOB, "secret")):
        await made.note(owner, title)
    for owner, path in ((ANN, "a.txt"), (ANN, "b/c.txt"), (IN_GROUP, "d.txt"), (BOB, "s.txt")):
        await made.files.write(owner, path, path.encode())
    for owner, text in ((ANN, "tea at five"), (BOB, "dinner")):
        await made.agenda.add(make_job(made.agenda.new_id("j"), owner=owner, text=text))
    return made


async def test_everything_of_one_person_is_packed_and_nothing_of_another(owning: Owning) -> None:
    await owning.chats.change("telegram:42", prompt="Be kind.")
    await owning.chats.change("telegram:43", prompt="Be rude.")
    with await owning.export() as packed:
        assert sorted(packed.namelist()) == [
            "README.txt",
            "conversations.jsonl",
            "files/-100/d.txt",
            "files/private/a.txt",
            "files/private/b/c.txt",
            "notes.json",
            "plans.json",
            "settings.json",
        ]
        assert json.loads(packed.read("settings.json")) == {"prompt": "Be kind."}
        notes = json.loads(packed.read("notes.json"))
        assert sorted(note["title"] for note in notes) == ["cat", "plan", "tea"]
        assert {note["owner"] for note in notes} == {ANN, IN_GROUP}
        (plan,) = json.loads(packed.read("plans.json"))
        assert (plan["owner"], plan["text"]) == (ANN, "tea at five")
        (line,) = packed.read("conversations.jsonl").decode().splitlines()
        assert json.loads(line)["text"] == "hi ü"
        assert "ü" in line, "readable as it is"
        assert packed.read("files/private/b/c.txt") == b"b/c.txt"
        assert "not in here" not in packed.read("README.txt").decode()


async def test_who_has_nothing_gets_an_empty_pack(owning: Owning) -> None:
    with await owning.export(make_context("/export", sender_id="44")) as packed:
        assert json.loads(packed.read("notes.json")) == []
        assert packed.read("conversations.jsonl") == b""


async def test_many_notes_are_packed_all(owning: Owning) -> None:
    for number in range(PAGE):
        await owning.note(ANN, f"note {number}")
    with await owning.export() as packed:
        assert len(json.loads(packed.read("notes.json"))) == PAGE + 3


async def test_what_cannot_be_read_is_named(owning: Owning) -> None:
    owning.files.unreadable.add("a.txt")
    with await owning.export() as packed:
        assert "files/private/a.txt" not in packed.namelist()
        assert "private/a.txt" in packed.read("README.txt").decode()


async def test_one_file_that_is_too_large_leaves_room_for_the_others(
    owning: Owning,
) -> None:
    await owning.files.write(ANN, "0.bin", bytes(LARGEST_EXPORT + 1))
    with await owning.export() as packed:
        assert "files/private/0.bin" not in packed.namelist()
        assert "files/private/a.txt" in packed.namelist()
        assert packed.read("README.txt").decode().splitlines()[-1] == "private/0.bin"


async def test_everything_of_one_person_is_erased_and_nothing_of_another(owning: Owning) -> None:
    asked = Exchange(item=1, questions=(1,))
    owning.incognito.add(ANN, [Utterance(role=Role.USER, text="x")], asked)
    await owning.notes.facts(ANN)
    erased = await owning.own_data.erase(make_context("/forget me"))
    assert erased == Erased(entries=3, notes=3, files=3, plans=1)
    assert owning.personal_data.erased == [("telegram", "42")]
    assert await owning.notes.owners(ANN) == []
    assert await owning.notes.facts(ANN) == ""
    assert owning.incognito.said(ANN) == ()
    assert await owning.notes.owners(BOB) == [BOB]
    assert list(owning.files.folders) == [BOB]
    assert [job.owner for job in owning.agenda.jobs()] == [BOB]


async def test_a_console_has_the_owner_that_the_settings_name(owning: Owning) -> None:
    await owning.note("primary", "tea")
    console = make_context("/forget me", chat=make_chat("local", channel="console"))
    assert (await owning.own_data.erase(console)).notes == 1
    assert owning.personal_data.erased == [("console", "42")]
