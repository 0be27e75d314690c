"""Messages that make the model call tools, in several steps and side by side."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from tests.crash.load import CHATS, OF_MESSAGES, Load, Sent
from tests.e2e.process import Installation, Sections
from tests.peers.llm import Rule

FACTOR = 7
READERS, ASKED = CHATS[-6:-3], CHATS[-3:]
"""Chats that read pages, and begin anew before each. What strangers wrote is before the model
behind a page, so tools that write ask for permission, which happens in the latter chats."""

SECTIONS: Sections = {"tools.http_client": {"allowed_private_networks": ["127.0.0.0/8"]}}

CALCULATE = ("calculate", {"expression": f"{{number}} * {FACTOR}"})
TIME = ("current_time", {"timezone": "UTC"})
FILE = ("file_write", {"path": "{token}.txt", "text": "Written for {token}."})


def _note(letter: str) -> tuple[str, dict[str, str]]:
    return "note_save", {"title": f"{{token}} {letter}", "data": f"Number {{number}}, {letter}."}


def _page(letter: str) -> tuple[str, dict[str, str]]:
    return "http_fetch", {"url": f"{{pages}}/{{token}}/{letter}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What the model calls for one message, step by step, before it answers."""

    name: str
    steps: tuple[tuple[tuple[str, dict[str, str]], ...], ...]
    """Names and arguments. ``{token}`` and ``{number}`` are the message's own."""

    @property
    def calls(self) -> list[tuple[int, str]]:
        """Every call as its step and the name of its tool."""
        return [(step, name) for step, calls in enumerate(self.steps) for name, _ in calls]

    def rule(self, pages_url: str) -> Rule:
        """Give what makes the model do it."""
        steps = [{"tool_calls": [_call(call, pages_url) for call in step]} for step in self.steps]
        product = [name for _, name in self.calls].index("calculate") + 1
        answer = f"{{acks}}: {{number}} times {FACTOR} is {{result_{product}}}!"
        match = rf"^Errand {self.name} (?P<number>\d+) (?P<token>rid[a-z0-9]*?end)$"
        return Rule.from_json({"match": match, "steps": [*steps, {"text": answer}]})


def _call(call: tuple[str, dict[str, str]], pages_url: str) -> dict[str, object]:
    name, arguments = call
    filled = {key: value.replace("{pages}", pages_url) for key, value in arguments.items()}
    return {"name": name, "arguments": filled}


WRITING = (
    Errand(name="note", steps=((_note("a"), CALCULATE), (TIME, CALCULATE))),
    Errand(name="file", steps=((FILE, TIME), (CALCULATE,))),
    Errand(
        name="both",
        steps=(
            (_note("a"), FILE, CALCULATE),
            (_note("b"), TIME),
            (("note_get", {"title": "{token} a"}),),
        ),
    ),
)
READING = Errand(name="page", steps=((CALCULATE, TIME), (_page("a"), _page("b"))))
ASKING = Errand(name="ask", steps=((_page("a"), CALCULATE), (_note("a"), TIME)))
ERRANDS = {errand.name: errand for errand in (*WRITING, READING, ASKING)}


def answer_to(message: Sent) -> str:
    """Give the words that the right answer to a message begins with."""
    return f"ack{message.token[3:]}: {message.number} times {FACTOR} is {message.number * FACTOR}!"


def rules(pages_url: str, errands: Iterable[Errand] = ERRANDS.values()) -> list[Rule]:
    return [errand.rule(pages_url) for errand in errands]


def _write(installation: Installation, rng: random.Random, chat_id: int, number: int) -> Sent:
    errand = _errand_of(chat_id, rng)
    if errand in (READING, ASKING):
        installation.telegram.inject({"chat_id": chat_id, "text": "/new"})
    token = installation.say(chat_id, f"Errand {errand.name} {number}")
    return Sent(chat_id=chat_id, number=number, token=token, errand=errand.name)


def _errand_of(chat_id: int, rng: random.Random) -> Errand:
    if chat_id in READERS:
        return READING
    return ASKING if chat_id in ASKED else rng.choice(WRITING)


WORK = Load(
    write=_write,
    per_second=15.0,
    longest_life=0.8,
    # Every second time between a tool's effect and its record.
    crash_points=tuple(point for name in OF_MESSAGES if name != "P4" for point in ("P4", name)),
)
"""Messages that take two or three steps with tools."""
