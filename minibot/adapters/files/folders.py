"""The port `Files` in the data folder.

data_dir/files/<owner>/owner      whose it is
                      /tree/      what the owner sees
                      /versions/  what files held before
                      /drafts/    what is being written
data_dir/outgoing/<copy>/<name>   what is to be sent
"""

import asyncio
import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock

from minibot.adapters.files.failures import told
from minibot.adapters.files.folder import GONE, OWNER, OwnerFolder, folder_name, hand_over
from minibot.adapters.files.outgoing import KEPT_FOR, Outgoing
from minibot.adapters.files.paths import parse_file_path
from minibot.adapters.files.tree import FOLDER, file_at, opened, pieces_of
from minibot.core.messages import ChatRef, OutgoingFile
from minibot.core.owners import belongs_to, moved_owner
from minibot.core.ports import SettingsSource
from minibot.core.settings import FilesTool


class FolderFiles:
    """Keeps files in folders. Limits follow the settings; all that blocks runs in threads."""

    def __init__(self, data_dir: Path, settings: SettingsSource) -> None:
        self._folders = data_dir / "files"
        self._outgoing = Outgoing(data_dir / "outgoing")
        self._settings = settings
        self._known: dict[str, OwnerFolder] = {}
        self._knowing = Lock()

    async def read(self, owner: str, path: str) -> bytes:
        return await asyncio.to_thread(self._of(owner).read, path, self._limits)

    async def write(self, owner: str, path: str, data: bytes) -> str:
        return await asyncio.to_thread(self._of(owner).write, path, data, self._limits)

    async def take_back(self, owner: str, ticket: str) -> str:
        return await asyncio.to_thread(self._of(owner).take_back, ticket)

    async def delete(self, owner: str, path: str) -> None:
        await asyncio.to_thread(self._of(owner).delete, path)

    async def paths(self, owner: str, path: str = "") -> list[str]:
        return await asyncio.to_thread(self._of(owner).paths, path)

    async def copy_out(self, owner: str, path: str) -> OutgoingFile:
        return await asyncio.to_thread(_copy_out, owner, self._of(owner), self._outgoing, path)

    async def hand_out(self, owner: str, name: str, data: bytes) -> OutgoingFile:
        return await asyncio.to_thread(self._outgoing.hand_out, folder_name(owner), name, data)

    async def owners(self, person: str) -> list[str]:
        found = await asyncio.to_thread(_owners, self._folders)
        return [owner for owner in found if belongs_to(owner, person)]

    async def clear(self, owner: str) -> int:
        with told("files"):
            await asyncio.to_thread(self._outgoing.clear, folder_name(owner))
        return await asyncio.to_thread(self._of(owner).clear)

    async def move_chat(self, old: ChatRef, new_chat_id: str) -> None:
        """Hand the folders that people have in a group over to its new id."""
        for owner in await asyncio.to_thread(_move_chat, self._folders, old, new_chat_id):
            with self._knowing:
                self._known.pop(owner, None)

    async def purge(self, now: datetime) -> int:
        """Delete copies and versions nobody waits for; gives the number of copies."""
        return await asyncio.to_thread(self._purge, (now - KEPT_FOR).timestamp())

    @property
    def _limits(self) -> FilesTool:
        return self._settings.current.tools.files

    def _of(self, owner: str) -> OwnerFolder:
        with self._knowing:
            if owner not in self._known:
                self._known[owner] = OwnerFolder(self._folders, owner)
            return self._known[owner]

    def _purge(self, before: float) -> int:
        for owner in _owners(self._folders):
            self._of(owner).purge(before)
        with told("files"):
            _delete_leftovers(self._folders, before)
            return self._outgoing.purge(before)


def _copy_out(owner: str, folder: OwnerFolder, outgoing: Outgoing, path: str) -> OutgoingFile:
    name = parse_file_path(path)[-1]
    with folder.file(path) as file:
        return outgoing.add(folder_name(owner), name, pieces_of(file))


def _move_chat(folders: Path, old: ChatRef, new_chat_id: str) -> list[str]:
    """Hand folders over; gives the owners whose they were."""
    moves = [(owner, moved_owner(owner, old, new_chat_id)) for owner in _owners(folders)]
    found = [(owner, new_owner) for owner, new_owner in moves if owner != new_owner]
    for owner, new_owner in found:
        hand_over(folders, owner, new_owner)
    return [owner for owner, _ in found]


def _owners(folders: Path) -> list[str]:
    """Read the marker of every folder; one without is empty yet."""
    found: list[str] = []
    with told("files"), suppress(FileNotFoundError), opened(folders, FOLDER) as root:
        for name in sorted(os.listdir(root)):
            with (
                suppress(FileNotFoundError, NotADirectoryError),
                file_at(root, (name, OWNER)) as marker,
            ):
                if not name.startswith(GONE):
                    found.append(b"".join(pieces_of(marker)).decode())
    return found


def _delete_leftovers(folders: Path, before: float) -> None:
    """Delete what a process died over deleting; what is being deleted now is younger."""
    with suppress(FileNotFoundError), opened(folders, FOLDER) as root:
        for name in os.listdir(root):
            status = os.stat(name, dir_fd=root, follow_symlinks=False)
            if name.startswith(GONE) and status.st_ctime < before:
                shutil.rmtree(name, dir_fd=root)
