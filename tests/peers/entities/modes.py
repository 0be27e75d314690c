"""Choose the parser of a ``parse_mode``."""

from __future__ import annotations

from collections.abc import Callable

from tests.peers.entities.html import parse_html
from tests.peers.entities.markdown import parse_markdown
from tests.peers.entities.markdown_v2 import parse_markdown_v2
from tests.peers.entities.text import Entity, EntityError

_PARSERS: dict[str, Callable[[str], tuple[str, list[Entity]]]] = {
    "html": parse_html,
    "markdown": parse_markdown,
    "markdownv2": parse_markdown_v2,
}


def parse(text: str, mode: str | None) -> tuple[str, list[Entity]]:
    """Split ``text`` into plain text and entities; the mode's name is case-insensitive.

    The message of an `EntityError` is what the server puts behind ``can't parse entities: ``.
    Not modelled: detection of URLs and hashtags in outgoing text, and the precedence rules between
    overlapping entities.
    """
    name = (mode or "").lower()
    if name in ("", "none"):
        return text, []
    parser = _PARSERS.get(name)
    if parser is None:
        raise EntityError("unsupported parse_mode")
    return parser(text)
