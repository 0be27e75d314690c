"""What kind of content an answer has, and its characters."""

import codecs
import re
from dataclasses import dataclass

_ESSENCE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,512}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
_HEAD_BYTES = 4_096
"""Where a page says its character set; browsers look through 1,024."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_CHARACTER_SETS = frozenset(
    {
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "cp866"),
        *(f"cp{number}" for number in (874, *range(1250, 1259))),
        *(f"iso8859-{number}" for number in (*range(2, 12), 13, 14, 15, 16)),
        *("gb2312", "gbk", "gb18030", "big5", "big5hkscs", "cp932", "cp949", "shift_jis"),
        *("euc_jp", "euc_kr", "iso2022_jp", "mac-roman", "tis-620"),
    }
)
"""Codecs of Python that are character sets of the web; it has others, such as zip and rot13."""

_AS_BROWSERS_DO = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""Names that pages use for a larger set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentType:
    """A media type with its character set; both empty where the server does not say."""

    essence: str
    charset: str = ""

    @classmethod
    def parse(cls, header: str) -> "ContentType":
        essence = header.partition(";")[0].strip().lower()
        charset = _CHARSET.search(header)
        return cls(
            essence=essence if _ESSENCE.fullmatch(essence) else "",
            charset=charset[1] if charset else "",
        )

    @property
    def is_html(self) -> bool:
        return self.essence in ("text/html", "application/xhtml+xml")

    @property
    def is_json(self) -> bool:
        return self.essence in ("application/json", "text/json") or self.essence.endswith("+json")

    @property
    def is_text(self) -> bool:
        """Say whether it can be read as text; so may be what has no type at all."""
        return (
            not self.essence
            or self.is_html
            or self.is_json
            or self.essence == "application/xml"
            or self.essence.startswith("text/")
            or (self.essence.endswith("+xml") and not self.essence.startswith("image/"))
        )


def decode(data: bytes, content_type: ContentType) -> str:
    """Read text; by its mark, by what the server or the page itself says, or as UTF-8."""
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, errors="replace")
    head = data[:_HEAD_BYTES]
    said = _DECLARATION.match(head) or _META.search(head)
    inside = said[1].decode("ascii") if said else ""
    if inside.lower().startswith("utf-16"):
        inside = "utf-8"  # or it could not have been read
    codec = _codec(content_type.charset) or _codec(inside) or "utf-8"
    return data.decode(codec, errors="replace")


def looks_binary(data: bytes) -> bool:
    """Say whether what has no type is nothing to read."""
    return not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in data[:1024]


def _codec(name: str) -> str:
    if not name:
        return ""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    found = _AS_BROWSERS_DO.get(found, found)
    return found if found in _CHARACTER_SETS else ""
