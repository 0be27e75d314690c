"""What Telegram takes as a rich message, and what a person can read or reach in it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from minibot.core.messages import Part
from tests.adapters.channels.telegram.telegram_rules import WORD, broken_rules
from tests.peers.telegram import FakeTelegram
from tests.peers.telegram.rich import read_rich
from tests.peers.telegram.wire import ApiError
from tests.peers.telegram.world import Call

_SERVER = FakeTelegram(["42:TEST"])


def broken_rich_rules(part: Part) -> list[str]:
    """What Telegram would refuse of a part, in either form; empty when all is well."""
    found = broken_rules(part)
    if part.rich:
        message = {"rich_message": json.loads(part.rich)}
        call = Call(_SERVER, _SERVER.default_bot, "sendRichMessage", message, {}, 0.0)
        try:
            read_rich(call)
        except ApiError as error:
            found.append(error.description)
    return found


def seen(parts: Iterable[Part]) -> str:
    """All that can be read or reached, of rich messages in their rich form."""
    return "\n".join(
        "\n".join(_told(json.loads(part.rich))) if part.rich else _plain(part) for part in parts
    )


def lost_rich_words(markdown: str, parts: Iterable[Part]) -> list[str]:
    """Words of the source that no message shows."""
    text = seen(parts)
    glued = text.replace("\n", "")
    return [word for word in WORD.findall(markdown) if word not in text and word not in glued]


def _plain(part: Part) -> str:
    hidden = [text for span in part.spans for text in (span.url, span.language)]
    return "\n".join([part.text, *hidden])


def _told(value: Any) -> Iterator[str]:
    """Every text in it, but for the names of kinds."""
    if isinstance(value, list):
        yield "".join(text for each in value for text in _told(each))
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in ("type", "align", "valign"):
                yield from _told(each)
    elif not isinstance(value, bool):
        yield str(value)
