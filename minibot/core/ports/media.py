"""What people send beside words: keeping it for a while, and reading it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from minibot.core.llm import Picture
from minibot.core.media import Extract, StoredMedia
from minibot.core.settings import Media, Transcription

Write = Callable[[bytes], Awaitable[None]]
"""Take the next piece of a file."""

Fill = Callable[[Write], Awaitable[None]]
"""Write a whole file. What it raises leaves none."""


class MediaStore(Protocol):
    """A folder of their own for every owner. Raises `MediaUnreadable` when the disk refuses."""

    async def find(self, owner: str, key: str) -> StoredMedia | None:
        """Give a file that was kept, whole, and count it as used now."""

    async def keep(
        self, owner: str, key: str, fill: Fill, *, suffix: str = "", limits: Media
    ) -> StoredMedia:
        """Keep a file under a key, in place of one there was; it is there whole or not at all.

        The files of this owner that were used longest ago go, until all fit into the quota.

        Args:
            suffix: how the name shall end, such as ``.jpg``; only letters and digits of it count.
        """

    async def present(self, pictures: Sequence[Picture]) -> frozenset[Picture]:
        """Say which of these are kept here still."""

    async def discard(self, owner: str, key: str) -> None:
        """Delete a file; all is well when there is none."""

    async def owners(self, person: str) -> list[str]:
        """Name every owner of a person, given by `person_of`, that has a folder."""

    async def clear(self, owner: str) -> int:
        """Delete all of an owner; gives the number of files."""

    async def purge(self, now: datetime) -> int:
        """Delete what was not used for as long as the settings say; gives the number of files."""


class MediaReader(Protocol):
    """Reads files that anybody may have made, so that none of them harms the daemon."""

    async def read(self, path: str, *, name: str, mime_type: str, limits: Media) -> Extract:
        """Read a file. Raises `MediaUnreadable`, also when it takes too long.

        Args:
            name: what the sender calls it.
            mime_type: what the sender says it is; its content decides.
        """


class Transcriber(Protocol):
    """Turns speech into text."""

    async def transcribe(self, path: str, *, name: str, settings: Transcription) -> str:
        """Give the words; empty when nothing is said. Raises `MediaUnreadable`."""

    async def close(self) -> None: ...
