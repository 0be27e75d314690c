"""From the transcript of the fake Telegram to what a person sees in a chat, top to bottom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.peers.telegram import FakeTelegram
from tests.peers.telegram.wire import Json, json_param

_DRAFTS = ("sendMessageDraft", "sendRichMessageDraft")


@dataclass(slots=True)
class Bubble:
    """A message as it stood until somebody pressed one of its buttons, or to the end."""

    message: Json
    at: datetime
    grown: int = 0
    """How often it was changed while nobody had pressed a button of it: as it was written."""
    pressed: set[str] = field(default_factory=set)
    """The data of buttons that were pressed."""
    reactions: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft that was shown while an answer was written."""

    message: Json
    """Its content, as a message has it."""
    count: int
    """How many there were, this one included."""


@dataclass(frozen=True, slots=True)
class Note:
    """What happened beside the messages."""

    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day begins."""

    day: date


Entry = Bubble | Preview | Note | Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A stretch of one chat, as one person sees it."""

    chat: Json
    viewer: int
    """The id of the person who holds the phone."""
    heading: str
    entries: list[Entry]


class Film:
    """Goes through the events of one chat; `entries` is what is to be seen in the end.

    Args:
        since: the day it was when the events before were seen; it is not told again.
    """

    def __init__(self, telegram: FakeTelegram, *, since: date | None = None) -> None:
        self._bot = telegram.default_bot
        self.entries: list[Entry] = []
        self._bubbles: dict[int, Bubble] = {}
        self._drafts: list[Json] = []
        self.day = since
        """The day of the newest message."""

    def take(self, events: Iterable[Json]) -> None:
        for event in events:
            if event["dir"] == "in":
                self._person(event)
            elif event["dir"] == "out":
                self._bot_did(event)
        for number, bubble in self._bubbles.items():
            bubble.reactions = list(self._reactions(bubble.message["chat"]["id"], number))

    def _person(self, event: Json) -> None:
        kind = event["method"]
        if kind == "callback":
            self._press(event)
        elif kind in ("stop", "stop_draft"):
            self._show_drafts()
            self.entries.append(Note("Stop, beside the draft, was pressed"))
        elif kind == "edit":
            self._edit(event)
        elif event.get("message") and kind != "reaction":
            self._add(event)

    def _bot_did(self, event: Json) -> None:
        method = event["method"]
        if method in _DRAFTS:
            self._drafts.append(event)
        elif method.startswith("edit") and event.get("message"):
            self._edit(event)
        elif method.startswith(("send", "copy", "forward")) and event.get("message"):
            self._show_drafts()
            self._add(event)
        elif method == "deleteMessage":
            self._delete(event["message_id"])

    def _add(self, event: Json) -> None:
        at: datetime = event["at"]
        if self.day != at.date():
            self.day = at.date()
            self.entries.append(Day(self.day))
        bubble = Bubble(event["message"], at)
        self._bubbles[event["message_id"]] = bubble
        self.entries.append(bubble)

    def _press(self, event: Json) -> None:
        bubble = self._bubbles.get(event["message_id"])
        if bubble is not None:
            bubble.pressed.add(event["text"])

    def _edit(self, event: Json) -> None:
        bubble = self._bubbles.get(event["message_id"])
        if bubble is None:
            return
        if bubble.pressed:  # it is shown with its buttons, and then as it became
            if _words(event["message"]) != _words(bubble.message):
                self.entries.append(Note("the same message, a moment later"))
                self._add(event)
            return
        bubble.message = event["message"]
        if event["dir"] == "out":
            bubble.grown += 1

    def _delete(self, number: int) -> None:
        bubble = self._bubbles.pop(number, None)
        if bubble is not None:
            self.entries.remove(bubble)

    def _show_drafts(self) -> None:
        """Show the one in the middle: the last ones have all the message has that follows."""
        if self._drafts:
            shown = self._drafts[(len(self._drafts) - 1) // 2]
            self.entries.append(Preview(_content(shown), len(self._drafts)))
        self._drafts = []

    def _reactions(self, chat: int, number: int) -> Iterator[str]:
        for theirs in self._bot.reactions.get((chat, number), {}).values():
            yield from (str(one.get("emoji", "⭐")) for one in theirs)


def _content(draft: Json) -> Json:
    """Give what a draft was sent with, as a message has it."""
    if (rich := json_param(draft["params"], "rich_message")) is not None:
        return {"rich_message": rich}
    return {"text": draft["text"], "entities": json_param(draft["params"], "entities") or []}


def _words(message: Json) -> tuple[object, ...]:
    return tuple(message.get(key) for key in ("text", "caption", "rich_message"))
