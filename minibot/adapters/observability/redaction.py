"""Takes secrets out of text: those we know exactly, and what looks like one.

Everything here is linear in the length of the text, because the text may come from strangers.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

MASK = "***"
"""Stands for a secret. No character of it means anything in JSON, logfmt or a URL."""

_SHORTEST = 6
"""Known secrets below this length would tear holes into ordinary words; only the patterns,
which look at the name before the value, take them out."""

_QUOTE = r"""(?:b?(?P<quote>\\?["']))?"""
_WORD = r"""[^\s"',;&)}\]>\\]++"""
_VALUE = rf"(?(quote)(?:[^\n]{{0,512}}?(?=(?P=quote))|{_WORD})|{_WORD})"
"""Up to the closing quote where `_QUOTE` found an opening one, else one word."""
_CREDENTIALS = rf"(?:(?:basic|bearer|bot|token)\s+)?{_VALUE}"
_SENSITIVE_NAMES = r"(?:token|secret|password|passwd|passphrase|api_?key|access_?key|private_?key)"


class _Pattern(NamedTuple):
    hints: tuple[str, ...]
    """Lower-case words without one of which the expression cannot match: far cheaper to try."""
    expression: re.Pattern[str]


def _pattern(hints: str, expression: str) -> _Pattern:
    return _Pattern(tuple(hints.split()), re.compile(expression, re.ASCII | re.IGNORECASE))


# The group `keep`, where there is one, is what stays readable before the mask.
_PATTERNS = (
    # Telegram: the token anywhere, then anything in the place of one in a URL of the Bot API.
    _pattern(": %3a", r"(?<!\d)\d{6,}+(?::|%3a)[\w-]{30,}+"),
    _pattern("/bot", r"(?P<keep>/bot)\d++(?::|%3a)[^/\s\"'\\]++"),
    # Providers' keys by their first letters.
    _pattern("sk- aiza xox", r"(?<![a-z0-9])(?:sk-|aiza|xox[a-z]-)[\w-]{8,}+"),
    # Headers, as a line, a dictionary or a pair.
    _pattern(
        "authorization cookie",
        rf"(?P<keep>(?:authorization|cookie)\\?[\"']?\s*[:=,]\s*{_QUOTE}){_CREDENTIALS}",
    ),
    _pattern("bearer", r"(?P<keep>(?<![a-z0-9])bearer\s+)[^\s\"',;\\]++"),
    _pattern(
        "-key -token -secret",
        rf"(?P<keep>-(?:key|token|secret)\\?[\"']?\s*[:=,]\s*{_QUOTE}){_VALUE}",
    ),
    # password=..., "token": "...", and the parameters of a URL.
    _pattern(
        "token secret passw passphrase key",
        rf"(?P<keep>{_SENSITIVE_NAMES}(?:\s*=|\\?[\"']\s*[:,=])\s*{_QUOTE}){_VALUE}",
    ),
    _pattern(
        "key= sig= auth= signature=", r"(?P<keep>[?&](?:key|sig|auth|signature)=)[^&\s\"'#]++"
    ),
    # scheme://user:password@host
    _pattern("://", r"(?P<keep>://[^/\s:@\"']{0,128}:)[^/\s@\"']{1,512}(?=@)"),
)

_ONE_SPELLING = re.compile(r"[A-Za-z0-9._~-]+")
"""Characters that neither JSON nor a URL writes in another way."""

_HINTS = tuple((hint, pattern.expression) for pattern in _PATTERNS for hint in pattern.hints)
_WORTH_A_LOOK = re.compile(r"[:=%,-]|bearer|aiza", re.IGNORECASE)
"""Without one of these no pattern matches."""

_SECRET_NAME = re.compile(
    rf"(?:{_SENSITIVE_NAMES}|authorization|cookie|api-key|bearer)\Z", re.ASCII | re.IGNORECASE
)


@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Say whether a field of this name holds a secret, whatever its value."""
    return _SECRET_NAME.search(name) is not None


class Redactor:
    """Knows secrets and forgets none: a key that was replaced may still be valid."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._words: tuple[str, ...] = ()
        self._expressions: tuple[re.Pattern[str], ...] = ()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Add secrets to those taken out from now on."""
        self._known.update(part for secret in secrets for part in _parts(secret.strip()))
        # The longest first: a short one may be a part of a longer one.
        known = sorted(self._known, key=len, reverse=True)
        self._words = tuple(secret for secret in known if _ONE_SPELLING.fullmatch(secret))
        self._expressions = tuple(
            re.compile("".join(_spellings(char) for char in secret))
            for secret in known
            if not _ONE_SPELLING.fullmatch(secret)
        )

    def redact(self, text: str) -> str:
        """Give the text without secrets. Doing it twice changes nothing more."""
        if len(text) < _SHORTEST:
            return text
        text = self.mask_known(text)
        if _WORTH_A_LOOK.search(text) is None:
            return text
        lowered = text.lower()
        for hint, expression in _HINTS:
            if hint in lowered:
                text = expression.sub(_masked, text)
        return text

    def mask_known(self, text: str) -> str:
        """Take out known secrets only."""
        for expression in self._expressions:
            text = expression.sub(MASK, text)
        for word in self._words:
            if word in text:
                text = text.replace(word, MASK)
        return text


def _masked(match: re.Match[str]) -> str:
    return (match.groupdict().get("keep") or "") + MASK


def _parts(secret: str) -> Iterator[str]:
    """Give what is secret in it: of a bot token also the half behind the public number."""
    bot_id, colon, half = secret.partition(":")
    for value in (secret, half) if colon and bot_id.isdigit() else (secret,):
        if len(value) >= _SHORTEST:
            yield value


def _spellings(char: str) -> str:
    """Match a character as it is, and as JSON, repr() and URLs write it, however often nested."""
    if _ONE_SPELLING.fullmatch(char):
        return re.escape(char)
    in_url = "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
    forms = [
        r"\\++" if char == "\\" else r"\\*+" + re.escape(char),
        f"(?i:{in_url})",
        rf"\\++(?i:u{ord(char):04x}|x{ord(char):02x})",
    ]
    if char == " ":
        forms.append(r"\+")
    return f"(?:{'|'.join(forms)})"
