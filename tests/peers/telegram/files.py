"""Files the server keeps, and how they look in messages."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from tests.peers.telegram.wire import ApiError, Json, Uploads, bad_request

MAX_DOWNLOAD = 20 * 1024 * 1024
_MAX_UPLOAD = 50 * 1024 * 1024
_MAX_PHOTO = 10 * 1024 * 1024
_MAX_BLANK = 64 * 1024  # bytes really kept of a file that is only declared to be large

_EXTENSIONS = {
    **{"photo": "jpg", "voice": "oga", "audio": "mp3", "video": "mp4"},
    **{"video_note": "mp4", "animation": "mp4", "sticker": "webp"},
}
_TINY_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsO"
    "CwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k="
)
# JPEG, PNG and the container of WebP
_PHOTO_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_DETAILS: dict[str, Json] = {
    "voice": {"duration": 3, "mime_type": "audio/ogg"},
    "audio": {"duration": 3, "mime_type": "audio/mpeg"},
    "video": {"duration": 3, "width": 640, "height": 360, "mime_type": "video/mp4"},
    "animation": {"duration": 3, "width": 640, "height": 360, "mime_type": "video/mp4"},
    "video_note": {"duration": 3, "length": 240},
    "sticker": {
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
    },
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as getFile knows it; ``declared_size`` stands in for bytes nobody needs."""

    file_id: str
    unique_id: str
    path: str
    data: bytes
    declared_size: int | None = None
    name: str = ""
    mime_type: str = ""

    @property
    def size(self) -> int:
        return self.declared_size if self.declared_size is not None else len(self.data)

    def to_json(self) -> Json:
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }

    def content(self) -> bytes:
        """The bytes of a download, padded to the declared size."""
        return self.data.ljust(min(self.size, MAX_DOWNLOAD), b"\0")


class FileStore:
    """All files, by id and by download path."""

    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}
        self._serial = 0

    def clear(self) -> None:
        self.by_id.clear()
        self.by_path.clear()

    def add(
        self,
        kind: str,
        data: bytes,
        *,
        name: str = "",
        mime_type: str = "",
        size: int | None = None,
    ) -> StoredFile:
        self._serial += 1
        digest = hashlib.sha256(data + str(self._serial).encode()).hexdigest()
        if "." in name:
            extension = re.sub(r"\W", "", name.rpartition(".")[2])[:8]
        else:
            extension = _EXTENSIONS.get(kind, "bin")
        stored = StoredFile(
            file_id=f"AgACAg{digest[:40]}",
            unique_id=f"AQAD{digest[:12]}",
            path=f"{kind}s/file_{self._serial}.{extension}",
            data=data,
            declared_size=size,
            name=name,
            mime_type=mime_type,
        )
        self.by_id[stored.file_id] = self.by_path[stored.path] = stored
        return stored

    def resolve(self, kind: str, params: Json, *, uploads: Uploads) -> StoredFile:
        """Find the file a send method means: an upload, a known file id or a URL."""
        value = params.get(kind)
        text = value if isinstance(value, str) else ""
        upload = uploads.get(kind)
        if upload is None and text.startswith("attach://"):
            upload = uploads.get(text.removeprefix("attach://"))
        if upload is not None:
            if len(upload.data) > (_MAX_PHOTO if kind == "photo" else _MAX_UPLOAD):
                raise ApiError(413, "Request Entity Too Large")
            if not upload.data:
                raise bad_request("file must be non-empty")
            if kind == "photo" and not upload.data.startswith(_PHOTO_BEGINNINGS):
                raise bad_request("IMAGE_PROCESS_FAILED")
            name, mime_type = upload.filename, upload.content_type
            return self.add(kind, upload.data, name=name, mime_type=mime_type)
        if text in self.by_id:
            return self.by_id[text]
        if text.startswith(("http://", "https://")):
            return self.add(kind, text.encode(), name=text.rpartition("/")[2])
        if not value:
            raise bad_request(f"there is no {kind} in the request")
        raise bad_request("wrong file identifier/HTTP URL specified")

    def add_injected(self, kind: str, info: Json) -> StoredFile:
        """Keep what a user sends, from ``base64``, ``text``, a ``path`` or only a ``size``."""
        size = int(info["size"]) if "size" in info else None
        name = str(info.get("name") or Path(info.get("path", "")).name)
        mime_type = str(info.get("mime", ""))
        return self.add(kind, _injected(info, kind), name=name, mime_type=mime_type, size=size)


def _injected(info: Json, kind: str) -> bytes:
    if "base64" in info:
        try:
            return base64.b64decode(info["base64"], validate=True)
        except binascii.Error as exc:
            raise ValueError(f"file.base64: {exc}") from None
    if "text" in info:
        return str(info["text"]).encode()
    if "path" in info:
        try:
            return Path(info["path"]).read_bytes()
        except OSError as exc:
            raise ValueError(f"file.path: {exc}") from None
    if kind == "photo":
        return _TINY_JPEG
    return b"\0" * min(int(info.get("size", 256)), _MAX_BLANK)


def media_json(kind: str, stored: StoredFile) -> Json | list[Json]:
    """The value of a message's media field."""
    base = stored.to_json()
    if kind == "photo":
        return [
            {**base, "file_size": min(stored.size, 2000), "width": 90, "height": 67},
            {**base, "width": 1280, "height": 960},
        ]
    if kind in _DETAILS:
        return base | _DETAILS[kind]
    return {
        **base,
        "file_name": stored.name or stored.path.rpartition("/")[2],
        "mime_type": stored.mime_type or "application/octet-stream",
    }
