"""Files of the person: texts that are written, read, listed and sent."""

import codecs
import mimetypes
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from minibot.adapters.tools.family import UndoFunction
from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.sizes import in_words
from minibot.adapters.tools.wording import RECEIPT_LENGTH, escaped, one_line
from minibot.core.errors import ToolArgumentsInvalid
from minibot.core.ports import Files
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits, UndoAction

WRITE = "file_write"

MAX_PATH = 1_024
MAX_CAPTION = 1_000

SHARE_OF_OUTPUT = 0.9
"""Of a result's length, so that the line behind the text is not cut off."""

Path = Annotated[str, Field(min_length=1, max_length=MAX_PATH)]

_WRITES = ToolTraits(effect=Effect.WRITE)
_SENDS = ToolTraits(effect=Effect.WRITE, outbound=True)


def _one_file(*, path: str, **_others: object) -> str:
    return f"file {path}"


class FileTools:
    """Keeps files; the owner is always the one of the context."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.tools = (
            function_tool(self.file_write, traits=_WRITES, scope=_one_file),
            function_tool(self.file_read, traits=ToolTraits(untrusted=True)),
            # Names are chosen by the person, or with their leave: what is in the files is not.
            function_tool(self.file_list),
            function_tool(self.send_file, traits=_SENDS, scope=_one_file),
        )
        self.undo: dict[str, UndoFunction] = {WRITE: self._take_back}

    async def file_write(self, context: ToolContext, path: Path, text: str) -> ToolResult:
        """Write a text file into the person's folder. A file of this path is replaced; folders
        on the way are made.

        Args:
            path: relative, like "notes/today.md".
            text: all that the file shall hold.
        """
        try:
            data = text.encode()
        except UnicodeEncodeError:
            raise ToolArgumentsInvalid('"text": holds half a character.') from None
        ticket = await self._files.write(context.owner, path, data)
        size = in_words(len(data))
        return ToolResult(
            text=f'Wrote "{path}", {size}.',
            receipt=f"💾 Wrote **{escaped(path)}** ({size})",
            undo=UndoAction(kind=WRITE, payload=ticket),
        )

    async def file_read(self, context: ToolContext, path: Path) -> str:
        """Read a text file of the person's folder.

        Args:
            path: as file_list gives it.
        """
        data = await self._files.read(context.owner, path)
        text = _text_of(data)
        if text is None:
            kind = mimetypes.guess_type(path)[0] or "not text"
            return f'"{path}" is {kind}, {in_words(len(data))}; only text can be read.'
        limit = int(context.settings.tools.max_output_characters * SHARE_OF_OUTPUT)
        if len(text) > limit:
            return f"{text[:limit]}\n[These are {limit:,} of {len(text):,} characters.]"
        return text or f'"{path}" is empty.'

    async def file_list(
        self, context: ToolContext, path: Annotated[str, Field(max_length=MAX_PATH)] = ""
    ) -> str:
        """List the files and folders of the person, folders with a slash behind.

        Args:
            path: a folder; everything when empty.
        """
        found = await self._files.paths(context.owner, "" if path == "/" else path)
        room = int(context.settings.tools.max_output_characters * SHARE_OF_OUTPUT)
        lines: list[str] = []
        for each in found:
            room -= len(each) + 1
            if room < 0:
                lines.append(f"[and {len(found) - len(lines):,} more; list a folder]")
                break
            lines.append(each)
        return "\n".join(lines) or "There are no files here."

    async def send_file(
        self,
        context: ToolContext,
        path: Path,
        caption: Annotated[str, Field(max_length=MAX_CAPTION)] = "",
    ) -> ToolResult:
        """Send a file of the person's folder into this chat, together with your answer.

        Args:
            path: as file_list gives it.
            caption: what stands under it.
        """
        copy = await self._files.copy_out(context.owner, path)
        return ToolResult(
            text=f'"{copy.name}" will be sent with the answer.',
            files=(replace(copy, caption=caption.strip()),),
        )

    async def _take_back(self, payload: str, owner: str) -> str:
        path = await self._files.take_back(owner, payload)
        return f"{one_line(path, RECEIPT_LENGTH)} is as it was"


def _text_of(data: bytes) -> str | None:
    """Read text in one of Unicode's forms; None when it is something else."""
    codec = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-16"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
