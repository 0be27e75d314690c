"""Finds the sentence of an answer that commits its speaker to do something later.

Only patterns: the same text always gives the same verdict, in time that grows with its length,
because whatever may repeat in a pattern is bounded. Looked for is the first person, a verb that
points at a later moment, and none of what makes an offer, a question or somebody else's words
of it. What is not the speaker's own word is left out: code, quotations, and letters written for
a person to send.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from minibot.core.tongues import TONGUES, Tongue


def find_promise(text: str) -> str | None:
    """Give the first sentence that commits to doing something later."""
    tongues = _likely(text)
    if not tongues:
        return None
    return next((said for said, plain in _sentences(text) if _tongue_of(plain, tongues)), None)


def language_of(promise: str) -> str:
    """Name the language of a sentence that `find_promise` gave, e.g. ``de``."""
    tongues = _likely(promise)
    return next(filter(None, (_tongue_of(plain, tongues) for _, plain in _sentences(promise))), "")


def _likely(text: str) -> list[Tongue]:
    """Name the languages worth a closer look: for most answers none, and this is all they cost."""
    words = text.lower().replace("’", "'").replace("*", " ").replace("\n", " . ").split()
    spaced = f" {' '.join(words)} "
    pieces = _PLAIN_PIECES if spaced.isascii() else _PIECES
    found = _WORDS.intersection(words).union([piece for piece in pieces if piece in spaced])
    if not found:
        return []
    return [
        tongue
        for tongue, cues in _CUES
        if not cues.isdisjoint(found) and _compiled(tongue.speaks).search(spaced)
    ]


def _word(cue: str) -> str:
    """Give a cue that is a single word, without its blanks; such words are found together."""
    return cue[1:-1] if _SINGLE_WORD.fullmatch(cue) else ""


_SINGLE_WORD = re.compile(r" \S+ ")
_CUES = [(each, frozenset(_word(cue) or cue for cue in each.cues)) for each in TONGUES]
_WORDS = frozenset(_word(cue) for each in TONGUES for cue in each.cues if _word(cue))
_PIECES = [cue for each in TONGUES for cue in each.cues if not _word(cue)]
_PLAIN_PIECES = [piece for piece in _PIECES if piece.isascii()]


def _tongue_of(plain: str, tongues: Sequence[Tongue]) -> str:
    """Give the language in which a sentence commits; empty when it does not."""
    if plain.endswith((":", "：")) or _ASKS.search(plain):
        return ""
    for tongue in tongues:
        if not _compiled(tongue.speaks).search(plain):
            continue
        if _compiled(tongue.commits).search(plain) and not _compiled(tongue.excuses).search(plain):
            return tongue.code
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile what is asked for: all at once would cost every start half a second."""
    return re.compile(pattern)


_ASKS = re.compile(r"(?<!, ok)(?<!, okay)(?<!, alright)(?<!, all right)(?<!, right)[?？]")

_END = re.compile(r"(?<![.!?…])[.!?…]++(?=\s)|[。！？；]+|\n")
_BLANK = "\0"
_BLANKS = re.compile(r"\0+")
_EMPHASIS = str.maketrans("", "", "*_~`#")


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Give each sentence as it stands, and plain: own words only, lower case, no emphasis."""
    own = _own_words(text.replace("’", "'"))
    start = 0
    for end in chain((found.end() for found in _END.finditer(own)), (len(own),)):
        if own[end : end + 2].lstrip(" ")[:1].islower():
            continue  # an abbreviation
        plain = _BLANKS.sub(_BLANK, own[start:end]).translate(_EMPHASIS).lower()
        if plain := " ".join(plain.split()):
            yield text[start:end].strip(), plain
        start = end


_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_QUOTED_LINE = re.compile(r"\s{0,3}>")
_SAID_BY_OTHERS = re.compile(
    r"``[^`\n]*``|`[^`\n]*`"
    r'|"[^"\n]*"|“[^“”\n]*”|„[^„“”\n]*[“”]|«[^«»\n]*»|»[^«»\n]*«|‹[^‹›\n]*›|「[^「」\n]*」|『[^『』\n]*』'
    r"|‘[^‘’'\n]*+(?:(?<=\w)'[^‘’'\n]++)*+['’](?!\w)"
    r"|(?<!\w)'[^'\n]*+(?:(?<=\w)'(?=\w)[^'\n]*+)*+'(?!\w)"
)
_GREETING = re.compile(
    r"\W{0,4}(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|liebe[rs]?|hallo|sehr geehrte"
    r"|guten (?:tag|morgen)|estimad[oa]s?|querid[oa]s?|hola|buen[oa]s (?:días|tardes)|ch[eè]re?s?"
    r"|bonjour|gentile|car[oaie]|buongiorno|prezad[oa]s?|car[oa]s?|olá|bom dia|уважаем\w+|дорог\w+"
    r"|здравствуйте|добрый день|привет|尊敬的|亲爱的|您好|你好).{0,40}[,:!，：！]\W{0,4}"
)
_SIGN_OFF = re.compile(
    r"\W{0,4}(?:(?:best|kind|warm) regards|regards|sincerely|yours|best( wishes)?|cheers|thanks"
    r"|thank you|mit freundlichen|(?:viele|liebe|beste|schöne) grüße|(?:un )?saludos?|atentamente"
    r"|cordialement|bien à (?:vous|toi)|cordiali saluti|(?:un )?saluto|distinti saluti"
    r"|atenciosamente|abraços?|um abraço|com os melhores|с уважением|с наилучшими|此致|祝好|敬上)"
    r".{0,30}"
)


def _own_words(text: str) -> str:
    """Blank out what the speaker did not say for himself; the length stays."""
    lines = text.split("\n")
    code = ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if code or fence or _QUOTED_LINE.match(line):
            lines[number] = _BLANK * len(line)
        if fence and code in ("", fence[1]):
            code = "" if code else fence[1]
    _blank_letters(lines)
    return _SAID_BY_OTHERS.sub(lambda said: _BLANK * len(said[0]), "\n".join(lines))


def _blank_letters(lines: list[str]) -> None:
    """Blank out drafts of letters, which stand behind some words about them."""
    greeting, spoken = None, False
    for number, line in enumerate(lines):
        lowered = line.lower()
        if spoken and greeting is None and _GREETING.fullmatch(lowered):
            greeting = number
        elif greeting is not None and _SIGN_OFF.fullmatch(lowered):
            for inside in range(greeting, number):
                lines[inside] = _BLANK * len(lines[inside])
            greeting = None
        spoken = spoken or bool(line.strip())
