"""Copies that are to be sent: what was decided on is what goes out, whatever changes meanwhile."""

import mimetypes
import os
import shutil
from collections.abc import Iterable
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
    """Every copy has a folder of its own. Everything here blocks and raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, pieces: Iterable[bytes]) -> OutgoingFile:
        """Store a copy under a name that is safe."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = token_hex(16)
        with (
            opened(self._folder, FOLDER) as folder,
            folder_at(folder, (place,), create=True) as own,
        ):
            put(own, own, name, pieces)
        kind, _ = mimetypes.guess_type(name)
        path = (self._folder / place / name).absolute()
        return OutgoingFile(path=str(path), name=name, mime_type=kind or "")

    def hand_out(self, name: str, data: bytes) -> OutgoingFile:
        """Store what was never in a folder. Raises `ToolFailed`."""
        with told(name):
            names = parse_file_path(name)
            if len(names) > 1:
                raise ToolFailed("the name of a file that is sent has no folder in it")
            return self.add(names[0], [data])

    def purge(self, before: float) -> int:
        """Delete copies made before this moment, in seconds since 1970; gives their number."""
        deleted = 0
        try:
            with opened(self._folder, FOLDER) as folder:
                for place in os.listdir(folder):
                    if os.stat(place, dir_fd=folder, follow_symlinks=False).st_mtime < before:
                        shutil.rmtree(place, dir_fd=folder)
                        deleted += 1
        except FileNotFoundError:
            return deleted
        return deleted
