"""Hands each event of the parser to what deals with it (pulldown-cmark's names)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from minibot.adapters.channels.telegram.rendering.canvas import BREAK
from minibot.adapters.channels.telegram.rendering.html_tags import Tag
from minibot.adapters.channels.telegram.rendering.inline import (
    Range,
    take_tag_as_text,
    take_text,
)
from minibot.adapters.channels.telegram.rendering.words import Words

W = TypeVar("W", bound=Words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events(Generic[W]):
    """What one way of writing does with each kind of event. What is not named needs nothing."""

    starts: Mapping[str, Callable[[W, Any, Range], None]]
    ends: Mapping[str, Callable[[W, Any, Range], None]]
    others: Mapping[str, Callable[[W, Any, Range], None]]
    rule: Callable[[W, Range], None]
    tag: Callable[[W, Tag, int], None]
    """Given a tag that is known, and where it stands in the source."""

    def take(self, words: W, nth: int, payload: Any, span: Range) -> None:
        """Deal with the event of this number."""
        if isinstance(payload, str):
            if payload == "Rule":
                self.rule(words, span)
            else:
                words.tokens.append(BREAK)
            return
        for name, value in payload.items():
            if name == "Text":
                _text(words, value, span)
            elif name == "Start":
                _edge(self.starts, words, value, span)
            elif name == "End":
                _edge(self.ends, words, value, span)
            elif name == "InlineHtml":
                self._inline_html(words, nth, value, span)
            else:
                self.others[name](words, value, span)

    def _inline_html(self, words: W, nth: int, text: str, span: Range) -> None:
        tag = words.reading.tags.get(nth)
        if tag is not None:
            self.tag(words, tag, span["start"])
        else:
            take_tag_as_text(words, text)


def _text(words: Words, text: str, span: Range) -> None:
    if words.code is not None:
        words.code.append(text)
    else:
        take_text(words, text, span)


def _edge(
    handlers: Mapping[str, Callable[[W, Any, Range], None]], words: W, value: Any, span: Range
) -> None:
    """Begin or end what a tag stands for; some only hold other things together."""
    tag, given = next(iter(value.items())) if isinstance(value, dict) else (value, None)
    if (handler := handlers.get(tag)) is not None:
        handler(words, given, span)


def take_html(words: Words, text: str, _span: Range) -> None:
    """Take up a line of a block of HTML."""
    if words.raw is not None:
        words.raw.append(text)
