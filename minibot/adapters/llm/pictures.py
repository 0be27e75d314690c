"""Pictures on their way to a model: read from the disk when they are sent, and kept nowhere."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from minibot.core.llm import Utterance

GONE = "[A picture was here that is not kept any more.]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A picture as it goes into JSON."""

    mime_type: str
    base64: str

    @property
    def data_url(self) -> str:
        return f"data:{self.mime_type};base64,{self.base64}"


def shown(entry: Utterance) -> tuple[str, list[Encoded]]:
    """Give what an entry says and shows; a picture that is gone by now is told in words."""
    if not entry.pictures:
        return entry.text, []
    pictures: list[Encoded] = []
    text = entry.text
    for each in entry.pictures:
        try:
            data = Path(each.path).read_bytes()
        except OSError:
            text = f"{text}\n{GONE}"
            continue
        pictures.append(Encoded(mime_type=each.mime_type, base64=b64encode(data).decode()))
    return text, pictures
