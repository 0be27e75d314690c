"""Copies that are to be sent: what was decided on is what goes out, whatever changes meanwhile."""

import mimetypes
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

from minibot.adapters.files.failures import told
from minibot.adapters.files.paths import parse_file_path
from minibot.adapters.files.tree import FOLDER, folder_at, opened, put
from minibot.core.errors import ToolFailed
from minibot.core.messages import OutgoingFile

KEPT_FOR = timedelta(hours=25)
"""An hour longer than the outbox tries."""


class Outgoing:
    """Every copy has a folder of its own, which says whose it is.

    Everything here blocks and raises `OSError`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, home: str, name: str, pieces: Iterable[bytes]) -> OutgoingFile:
        """Store a copy under a name that is safe; `home` is the name of its owner's folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = f"{home}-{token_hex(16)}"
        with (
            opened(self._folder, FOLDER) as folder,
            folder_at(folder, (place,), create=True) as own,
        ):
            put(own, own, name, pieces)
        kind, _ = mimetypes.guess_type(name)
        path = (self._folder / place / name).absolute()
        return OutgoingFile(path=str(path), name=name, mime_type=kind or "")

    def hand_out(self, home: str, name: str, data: bytes) -> OutgoingFile:
        """Store what was never in a folder. Raises `ToolFailed`."""
        with told(name):
            names = parse_file_path(name)
            if len(names) > 1:
                raise ToolFailed("the name of a file that is sent has no folder in it")
            return self.add(home, names[0], [data])

    def clear(self, home: str) -> None:
        """Delete every copy of an owner, sent or not."""
        self._delete(lambda place, _: place.startswith(f"{home}-"))

    def purge(self, before: float) -> int:
        """Delete copies made before this moment, in seconds since 1970; gives their number."""
        return self._delete(lambda _, status: status.st_mtime < before)

    def _delete(self, unwanted: Callable[[str, os.stat_result], bool]) -> int:
        deleted = 0
        with suppress(FileNotFoundError), opened(self._folder, FOLDER) as folder:
            for place in os.listdir(folder):
                if unwanted(place, os.stat(place, dir_fd=folder, follow_symlinks=False)):
                    shutil.rmtree(place, dir_fd=folder)
                    deleted += 1
        return deleted
