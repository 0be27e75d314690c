"""Which addresses a message may link to, and how the others are told."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from minibot.adapters.channels.telegram.rendering.canvas import Close, Open, Token, plain_text
from minibot.core.messages import SpanKind

_LONGEST_URL = 2_000
_URL = re.compile(rf"(?:https?|tg|ton)://[^\s<>]{{1,{_LONGEST_URL}}}", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:mailto|tel):", re.IGNORECASE)
_TIME = "tg://time?"
_EMOJI = "tg://emoji?"
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
"""Bot API, date-time entity formatting."""
_LATEST = 2**31 - 1
_PICTURE = "🖼 "


def is_url(url: str) -> bool:
    """True for an address a message may link to."""
    return _URL.fullmatch(url) is not None


def moment(unix: str, time_format: str) -> Open | None:
    """The beginning of a stretch that is a moment; None when it is not a valid one."""
    if not unix.isascii() or not unix.isdecimal() or not 0 < int(unix[:12]) <= _LATEST:
        return None
    known = time_format if _TIME_FORMAT.fullmatch(time_format) else ""
    return Open(SpanKind.DATE_TIME, unix_time=int(unix[:12]), time_format=known)


def link(words: list[Token], url: str) -> list[Token]:
    """Words that lead to an address; one that Telegram cannot open is told behind them."""
    said = plain_text(words)
    if said and url.startswith(_TIME):
        return _at_moment(words, url)
    if is_url(url):
        if not said:
            return [url]
        opening = Open(SpanKind.TEXT_LINK, url=url)
        return [opening, *words, Close(opening)]
    shown = _ADDRESS.sub("", url)
    if not said:
        return [shown] if shown else []
    if not shown or shown.startswith("#") or said in (url, shown, unquote(shown)):
        return words
    return [*words, f" ({shown})"]


def picture(words: list[Token], url: str, *, linked: bool) -> list[Token]:
    """A picture becomes a link to it; Telegram's own signs become what they stand for."""
    if url.startswith(_EMOJI) and words:
        return words
    if url.startswith(_TIME) and words:
        return _at_moment(words, url)
    if linked:
        return [_PICTURE, *words]
    if not plain_text(words):
        return [_PICTURE, *link(words, url)]
    return link([_PICTURE, *words], url)


def _at_moment(words: list[Token], url: str) -> list[Token]:
    query = parse_qs(urlsplit(url).query)
    opening = moment(query.get("unix", [""])[0], query.get("format", [""])[0])
    return words if opening is None else [opening, *words, Close(opening)]
