"""Everything stored about one person: to take along, or to erase."""

import asyncio
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from minibot.app.agenda.own_plans import OwnPlans
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.incognito import Incognito
from minibot.app.pipeline import TurnContext
from minibot.app.recall import CachedNotes
from minibot.core.chat_settings import dump_chat_settings
from minibot.core.errors import ToolFailed
from minibot.core.messages import OutgoingFile
from minibot.core.notes import Note
from minibot.core.owners import person_of
from minibot.core.personal import ExportedEntry
from minibot.core.ports import Entry, Files, MediaStore, PersonalData

PAGE = 1_000
LARGEST_EXPORT = 45_000_000
"""Bytes of files; Telegram takes documents up to 50 MB (Bot API, sendDocument)."""

CONTENTS = """\
notes.json          what I noted for you
conversations.jsonl what you said and what I answered, one entry a line, oldest first
files/              what lies in your folders
plans.json          reminders and tasks
settings.json       what you chose for this chat

Photos, documents and voice messages that you sent stay in the chat you sent them to: my copies of
them go after a while, and are left out of this parcel.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much was erased."""

    entries: int
    notes: int
    files: int
    plans: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """Knows the places where something about people lies."""

    personal_data: PersonalData
    notes: CachedNotes
    files: Files
    media: MediaStore
    incognito: Incognito
    plans: OwnPlans
    chats: ChatSettingsBook

    async def erase(self, context: TurnContext) -> Erased:
        person = person_of(context.message, context.settings)
        notes = sum([await self.notes.clear(each) for each in await self.notes.owners(person)])
        owners = {person, *await self.files.owners(person)}  # an export is there without a folder
        files = sum([await self.files.clear(each) for each in owners])
        for each in await self.media.owners(person):
            files += await self.media.clear(each)
        plans = await self.plans.erase(person)
        self.incognito.forget(context.item.conversation)
        message = context.message
        entries = await self.personal_data.erase(message.chat.channel, message.sender.id)
        return Erased(entries=entries, notes=notes, files=files, plans=plans)

    async def export(self, context: TurnContext) -> OutgoingFile:
        """Pack it. Raises `ToolFailed` when it cannot be stored."""
        person = person_of(context.message, context.settings)
        message = context.message
        said = await self.personal_data.export(message.chat.channel, message.sender.id)
        notes = [
            note for owner in await self.notes.owners(person) for note in await self._notes(owner)
        ]
        files, left = await self._read_files(person)
        plans = self.plans.of(person)
        contents = _Contents(
            notes=notes,
            entries=said.entries,
            files=files,
            left=left,
            plans=plans,
            settings=dump_chat_settings(self.chats.of(context.item.conversation)) or "{}",
        )
        packed = await asyncio.to_thread(_pack, contents)
        return await self.files.hand_out(person, "minibot-export.zip", packed)

    async def _notes(self, owner: str) -> list[Note]:
        found: list[Note] = []
        while True:
            page = await self.notes.search(owner, "", limit=PAGE, offset=len(found))
            found += page.notes
            if len(page.notes) < PAGE:
                return found

    async def _read_files(self, person: str) -> tuple[dict[str, bytes], list[str]]:
        """Read what fits into one message; the rest is named."""
        files: dict[str, bytes] = {}
        left: list[str] = []
        size = 0
        for owner in await self.files.owners(person):
            place = owner.partition("@")[2] or "private"
            for path in await self.files.paths(owner):
                if path.endswith("/"):
                    continue
                try:
                    data = await self.files.read(owner, path)
                except ToolFailed:
                    left.append(f"{place}/{path}")
                    continue
                if size + len(data) > LARGEST_EXPORT:
                    left.append(f"{place}/{path}")
                    continue
                size += len(data)
                files[f"{place}/{path}"] = data
        return files, left


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """What goes into the parcel."""

    notes: Sequence[Note]
    entries: Sequence[ExportedEntry]
    files: dict[str, bytes]
    left: Sequence[str]
    """Names of files that do not fit."""
    plans: Sequence[Entry]
    settings: str
    """JSON."""


def _pack(found: _Contents) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        contents = CONTENTS
        if found.left:
            contents += "\nToo large to be sent, and not in here:\n" + "\n".join(found.left) + "\n"
        archive.writestr("README.txt", contents)
        archive.writestr("notes.json", _json([asdict(note) for note in found.notes], indent=2))
        archive.writestr("plans.json", _json([asdict(each) for each in found.plans], indent=2))
        archive.writestr("settings.json", found.settings)
        lines = [_json(asdict(entry)) for entry in found.entries]
        archive.writestr("conversations.jsonl", "".join(f"{line}\n" for line in lines))
        for path, data in found.files.items():
            archive.writestr(f"files/{path}", data)
    return packed.getvalue()


def _json(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
