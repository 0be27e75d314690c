"""An answer that is long for a chat, given as a file as well."""

import re
import unicodedata
from collections.abc import Sequence

from minibot.core.messages import Document, Part

_LONGEST_NAME = 60
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.*?)[ \t#]*$", re.MULTILINE)
_FIRST_LINE = re.compile(r"^.*\w.*$", re.MULTILINE)
_NOT_IN_NAMES = re.compile(r"[^\w-]+")


def as_document(markdown: str, parts: Sequence[Part], *, most_parts: int) -> Document | None:
    """Give an answer as a Markdown file when it takes more than `most_parts` messages."""
    if len(parts) <= most_parts:
        return None
    text = markdown.replace("\r\n", "\n").encode("utf-8", "replace").decode().strip() + "\n"
    return Document(name=f"{_name(markdown)}.md", text=text)


def _name(markdown: str) -> str:
    found = _HEADING.search(markdown) or _FIRST_LINE.search(markdown)
    title = found[found.lastindex or 0] if found else ""
    name = _NOT_IN_NAMES.sub("-", unicodedata.normalize("NFC", title).lower()).strip("-_")
    return name[:_LONGEST_NAME].strip("-_") or "answer"
