"""Media without a disk: what is kept, read and heard is as the test says."""

from collections.abc import Sequence
from datetime import datetime

from minibot.core.errors import MediaUnreadable
from minibot.core.llm import Picture
from minibot.core.media import Extract, StoredMedia
from minibot.core.owners import belongs_to
from minibot.core.ports import Fill
from minibot.core.settings import Media, Transcription


class FakeMediaStore:
    """Implements `minibot.core.ports.MediaStore`."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        """By owner, by key."""

    async def find(self, owner: str, key: str) -> StoredMedia | None:
        data = self.files.get(owner, {}).get(key)
        return None if data is None else _stored(owner, key, data)

    async def keep(
        self, owner: str, key: str, fill: Fill, *, suffix: str = "", limits: Media
    ) -> StoredMedia:
        pieces: list[bytes] = []

        async def write(piece: bytes) -> None:
            pieces.append(piece)

        await fill(write)
        self.files.setdefault(owner, {})[key] = data = b"".join(pieces)
        return _stored(owner, key, data)

    async def present(self, pictures: Sequence[Picture]) -> frozenset[Picture]:
        paths = {_path(owner, key) for owner, kept in self.files.items() for key in kept}
        return frozenset(each for each in pictures if each.path in paths)

    async def discard(self, owner: str, key: str) -> None:
        self.files.get(owner, {}).pop(key, None)

    async def owners(self, person: str) -> list[str]:
        return [owner for owner in self.files if belongs_to(owner, person)]

    async def clear(self, owner: str) -> int:
        return len(self.files.pop(owner, {}))

    async def purge(self, now: datetime) -> int:
        return 0


class FakeMediaReader:
    """Finds what the test put in, by the name of the file; text in all others."""

    def __init__(self) -> None:
        self.found: dict[str, Extract | MediaUnreadable] = {}
        self.read_names: list[str] = []

    async def read(self, path: str, *, name: str, mime_type: str, limits: Media) -> Extract:
        self.read_names.append(name)
        found = self.found.get(name, Extract(text=f"text of {name}"))
        if isinstance(found, MediaUnreadable):
            raise found
        return found


class FakeTranscriber:
    def __init__(self) -> None:
        self.words = "buy milk"
        self.heard: list[str] = []

    async def transcribe(self, path: str, *, name: str, settings: Transcription) -> str:
        self.heard.append(name)
        return self.words

    async def close(self) -> None: ...


def _stored(owner: str, key: str, data: bytes) -> StoredMedia:
    return StoredMedia(path=_path(owner, key), size=len(data))


def _path(owner: str, key: str) -> str:
    return f"/media/{owner}/{key}"
