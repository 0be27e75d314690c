"""Files on their way to Telegram: streamed from the disk, as multipart/form-data."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from minibot.core.errors import SendRefused
from minibot.core.messages import OutgoingFile

MAX_BYTES = 50 * 1024 * 1024
"""What Telegram takes of a bot (Bot API, "Sending files")."""
MAX_PHOTO_BYTES = 10 * 1024 * 1024
SLOWEST_BYTES_PER_SECOND = 64 * 1024
"""A file that goes slower is given up, and tried again later."""

_VOICE = frozenset({"audio/ogg", "audio/opus", "application/ogg"})
_OPUS_BEGINS_WITHIN = 64
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
_UNFIT_FOR_A_HEADER = re.compile(r'[\x00-\x1f\x7f"\\/]')
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_ANY_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that can be sent."""

    field: str
    """The parameter of the method that it is."""
    path: Path
    name: str
    mime_type: str
    size: int
    """Bytes."""

    @property
    def seconds(self) -> float:
        """How long the way may take it."""
        return self.size / SLOWEST_BYTES_PER_SECOND


def prepare(file: OutgoingFile, *, as_document: bool) -> Upload:
    """Look at a file, and choose a photo where Telegram shows one.

    Raises:
        SendRefused: it is gone, empty or too big.
    """
    path = Path(file.path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _gone(file.name) from error
    if not size:
        raise SendRefused(f"the file {file.name} is empty: Telegram takes none without content")
    if size > MAX_BYTES:
        raise SendRefused(
            f"the file {file.name} has {size / 1024**2:.1f} MB: "
            f"Telegram takes {MAX_BYTES // 1024**2} MB of a bot"
        )
    return Upload(
        field="document" if as_document else _field(file, path, size),
        path=path,
        name=_UNFIT_FOR_A_HEADER.sub("_", file.name).strip() or "file",
        mime_type=file.mime_type if _MIME_TYPE.fullmatch(file.mime_type) else _ANY_TYPE,
        size=size,
    )


def _field(file: OutgoingFile, path: Path, size: int) -> str:
    if is_image(file) and size <= MAX_PHOTO_BYTES:
        return "photo"
    return "voice" if is_audio(file) and _is_opus(path) else "document"


def is_audio(file: OutgoingFile) -> bool:
    """Say whether Telegram may play it as a voice message."""
    return file.mime_type in _VOICE


def _is_opus(path: Path) -> bool:
    """Look for Opus in Ogg, all that Telegram plays so (Bot API, sendVoice)."""
    try:
        with path.open("rb") as content:
            head = content.read(_OPUS_BEGINS_WITHIN)
    except OSError as error:
        raise _gone(path.name) from error
    return head.startswith(b"OggS") and b"OpusHead" in head


def is_image(file: OutgoingFile) -> bool:
    """Say whether Telegram may show it as a photo."""
    return file.mime_type in _PHOTOS


@contextmanager
def multipart(parameters: dict[str, Any], upload: Upload) -> Iterator[aiohttp.FormData]:
    """Open the file, and give a form that reads it while it is sent.

    Raises:
        SendRefused: the file is gone.
    """
    # Telegram takes names as they are, and does not undo what a browser would escape.
    fields = aiohttp.FormData(quote_fields=False)
    for name, value in parameters.items():
        fields.add_field(name, _written(value))
    try:
        file = upload.path.open("rb")
    except OSError as error:
        raise _gone(upload.name) from error
    with file:
        fields.add_field(
            upload.field, file, filename=_written(upload.name), content_type=upload.mime_type
        )
        yield fields


def _written(value: Any) -> str:
    """Write a parameter as a form has it: text as it is, all else as JSON."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text.encode("utf-8", "replace").decode()


def _gone(name: str) -> SendRefused:
    return SendRefused(f"the file {name} is not there any more, or cannot be read")
