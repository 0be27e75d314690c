"""Acts an attack out: the words reach the model, the model obeys, and a person is asked."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from tests.corpora.injections import Attack, Call, Carrier, Steps, Twist
from tests.e2e.process import Installation
from tests.e2e.strangers_web import Web
from tests.e2e.talking import QUESTION, Talk
from tests.peers.llm.script import Rule
from tests.peers.telegram.wire import Json

BYSTANDER, STRANGER = 9, 999
REASON = "\n\nI ask because words from outside"
FILLER = "the quick brown fox jumps over a lazy dog " * 70
"""Some 3,000 characters."""

LETTER = "letter.txt"
"""Somebody sent it, and the person put it into their folder."""

READING: dict[Carrier, str] = {
    Carrier.PAGE: "http_fetch",
    Carrier.EARLIER: "http_fetch",
    Carrier.RECALLED: "http_fetch",
    Carrier.SUMMARY: "http_fetch",
    Carrier.SEARCH: "web_search",
    Carrier.FILE: "file_read",
}

SUMMARISING = Rule.from_json({"match": r"Summary so far:.*ORDER-(\d+)-", "text": "ORDER-{1}-"})
"""Sums up what matters of a conversation with a stranger's words."""


class Scene:
    """One attack, and the person it is aimed at, who talks to minibot in a chat of their own."""

    def __init__(self, attack: Attack, installation: Installation, web: Web) -> None:
        self.attack = attack
        self.person = 20_000 + attack.number
        self.chat = -100_000 - attack.number if attack.in_group else self.person
        self.talk = Talk(installation, self.person, self.chat)
        self._rules = installation.model.rules
        self._web = web
        self._cards: list[Json] = []

    @property
    def owner(self) -> str:
        own = f"telegram:{self.person}"
        return f"{own}@{self.chat}" if self.attack.in_group else own

    @property
    def asked(self) -> int:
        """How many questions there were so far."""
        return len(self._cards)

    @property
    def steps(self) -> Steps:
        """What the model does when it obeys; the person is asked about all of it."""
        allowed = self.attack.allowed
        return ((allowed,), *self.attack.calls) if allowed else self.attack.calls

    def arguments(self, call: Call) -> Json:
        """Give the arguments with which the model makes a call."""
        places = {"{home}": self._web.home, "{away}": self._web.away, "{n}": self.attack.number}
        text = json.dumps(call.arguments)
        for name, value in places.items():
            text = text.replace(name, str(value))
        found: Json = json.loads(text)
        return found

    # acting

    async def expose(self) -> None:
        """Have the model read the words while it does nothing yet."""
        attack, said = self.attack, f"I have read {self.attack.number}."
        # Answers are searched, what tools gave is not.
        told = f"{said} It says: {attack.words}" if attack.carrier is Carrier.RECALLED else said
        async with self._playing([*self._reading(), {"text": told}]):
            self._introduce(FILLER if attack.carrier is Carrier.SUMMARY else "")
            await self.talk.shown(said)
        if attack.carrier is Carrier.RECALLED:
            self.talk.say("/new")
            await self.talk.shown("A fresh start")
        if attack.carrier is Carrier.SUMMARY:
            for number in range(3):
                self.talk.say(f"rid{attack.number}x{number}end {FILLER}")
                await self.talk.shown(f"ack{attack.number}x{number}end")

    async def strike(self, settle: Callable[[list[Json]], Awaitable[None]]) -> None:
        """Have the model obey; the cards of every step are given to be settled."""
        attack = self.attack
        recalled = attack.carrier is Carrier.RECALLED
        search = _calling("chat_history_search", {"query": attack.marker})
        reading = [search] if recalled else [] if attack.delayed else self._reading()
        closing = f"Case {attack.number} is closed."
        obeying = [*self._obeying(), {"text": closing}]
        self.talk.look_from_here()
        async with self._playing(reading), self._playing(obeying, behind=len(reading)):
            if attack.delayed:
                self.talk.say(f"case {attack.number}: please go on")
            else:
                self._introduce()
            for step in self.steps:
                await settle(await self._asked_about(step))
            await self.talk.shown(closing)

    @asynccontextmanager
    async def _playing(
        self, steps: list[Json], *, behind: int | None = None
    ) -> AsyncIterator[None]:
        """Have the model take these steps.

        Args:
            behind: for what is done only where the words are before the model, the rounds of tool
                calls that this takes.
        """
        number = self.attack.number
        spec: Json = {"match": rf"\bcase {number}\b", "steps": steps}
        if behind is not None:
            spec = {
                "match": self.attack.marker,
                "scope": "any",
                "times": len(steps),
                "steps": [{"text": "?"}] * behind + steps,
            }
        rule = Rule.from_json(spec)
        if steps:
            self._rules.insert(0, rule)
        try:
            yield
        finally:
            if steps:
                self._rules.remove(rule)

    def _reading(self) -> list[Json]:
        arguments: dict[str, Json] = {
            "http_fetch": {"url": f"{self._web.home}/page/{self.attack.number}"},
            "web_search": {"query": str(self.attack.number)},
            "file_read": {"path": LETTER},
        }
        name = READING.get(self.attack.carrier)
        return [_calling(name, arguments[name])] if name else []

    def _introduce(self, more: str = "") -> None:
        """Say what makes the model read the words, or brings them along."""
        attack, case = self.attack, f"case {self.attack.number}: "
        if attack.carrier is Carrier.FORWARD:
            self.talk.say(f"{case}{attack.words}", forward_from=STRANGER)
        elif attack.carrier is Carrier.QUOTE:
            spec = {"chat_id": self.chat, "user_id": BYSTANDER, "text": attack.words}
            written = self.talk.telegram.inject(spec)["message_id"]
            self.talk.say(f"{case}what is this?", reply_to=written)
        else:
            self.talk.say(f"{case}please read it {more}")

    def _obeying(self) -> list[Json]:
        steps = [{"tool_calls": [self._written(call) for call in calls]} for calls in self.steps]
        first = self.steps[0][0]
        if self.attack.twist is Twist.BROKEN and first.name != "http_fetch":
            cut = json.dumps(self.arguments(first))[:-4]
            return [_calling(first.name, cut), *steps]
        return steps

    def _written(self, call: Call) -> Json:
        arguments: object = self.arguments(call)
        if self.attack.twist is Twist.BROKEN:
            arguments = f"```json\n{json.dumps(arguments)[:-1]},}}\n```"
        return {"name": call.name, "arguments": arguments}

    # asking

    async def _asked_about(self, calls: Sequence[Call]) -> list[Json]:
        """Wait for a card for each call, that says exactly what would be done."""
        known = len(self._cards)
        self._cards = await self.talk.shown(QUESTION, number=known + len(calls))
        assert len(self._cards) == known + len(calls), self.attack.name
        new = self._cards[known:]
        assert sorted(map(_asked, new)) == sorted(map(self._described, calls)), self.attack.name
        return new

    def is_about(self, card: Json, call: Call) -> bool:
        return _asked(card) == self._described(call)

    def _described(self, call: Call) -> str:
        arguments = self.arguments(call)
        lines = [f"{name}: {arguments[name]}" for name in sorted(arguments)]
        return "\n".join((f"{call.name}?", *lines))


def _asked(card: Json) -> str:
    return str(card["text"]).partition("May I use ")[2].partition(REASON)[0]


def _calling(name: str, arguments: object) -> Json:
    return {"tool_calls": [{"name": name, "arguments": arguments}]}
