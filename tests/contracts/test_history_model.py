"""Random lives of two conversations against the simplest history there is."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minibot.core.llm import Role, Utterance
from minibot.core.personal import Summary
from minibot.core.ports import History
from tests.contracts.history_stores import HISTORIES, KEY, OTHER, OpenHistory
from tests.contracts.storages import ManualClock, said

WORDS = {KEY: "apple", OTHER: "banana"}
"""Nobody says the other's word."""

Step = tuple[str, str, int]
STEPS = st.tuples(
    st.sampled_from(["say", "say", "read", "put away", "take back", "drop", "search", "sum up"]),
    st.sampled_from([KEY, OTHER]),
    st.integers(min_value=0, max_value=3),
)


@dataclass(slots=True)
class Talk:
    """What must be true of a conversation."""

    exchanges: list[list[Utterance]] = field(default_factory=list)
    away: list[list[list[Utterance]]] = field(default_factory=list)
    """What was put away, the last time last."""

    @property
    def shown(self) -> list[Utterance]:
        return [entry for exchange in self.exchanges for entry in exchange]

    def put_away(self, keep: int) -> int:
        leaving = self.exchanges[: max(0, len(self.exchanges) - keep)]
        if leaving:
            self.exchanges = self.exchanges[len(leaving) :]
            self.away.append(leaving)
        return sum(map(len, leaving))

    def take_back(self) -> int:
        coming = self.away.pop() if self.away else []
        self.exchanges = [*coming, *self.exchanges]
        return sum(map(len, coming))

    def drop(self) -> int:
        """Delete the newest exchange, wherever it is."""
        if self.exchanges:
            return len(self.exchanges.pop())
        while self.away and not self.away[-1]:
            self.away.pop()
        gone = self.away[-1].pop() if self.away else []
        if self.away and not self.away[-1]:
            self.away.pop()
        return len(gone)

    def all(self) -> list[Utterance]:
        before = [entry for time in self.away for exchange in time for entry in exchange]
        return [*before, *self.shown]


async def do(history: History, talks: dict[str, Talk], number: int, step: Step) -> None:
    """Do a step and compare what it gives."""
    name, conversation, count = step
    talk = talks[conversation]
    word = WORDS[conversation]
    if name == "say":
        exchange = [said(f"{word} {number}"), said(f"{word} answer", Role.ASSISTANT)]
        await history.append(conversation, exchange)
        talk.exchanges.append(exchange)
    elif name == "put away":
        assert await history.put_away(conversation, keep=count) == talk.put_away(count)
    elif name == "take back":
        assert await history.take_back(conversation) == talk.take_back()
    elif name == "drop":
        assert await history.drop(conversation, 2) == talk.drop()
    elif name == "search":
        other = WORDS[OTHER if conversation == KEY else KEY]
        assert await history.search(conversation, other, 100) == []
        found = await history.search(conversation, word, 100)
        assert sorted(each.text for each in found) == sorted(e.text for e in talk.all())
    elif name == "sum up":
        await sum_up(history, talk, conversation, keep=count)
    newest = talk.shown[-count:] if count else []
    assert await history.recent(conversation, count) == newest


async def sum_up(history: History, talk: Talk, conversation: str, *, keep: int) -> None:
    backlog = await history.unsummarised(conversation, keep=keep, limit=4)
    older = talk.exchanges[: max(0, len(talk.exchanges) - keep)]
    assert set(backlog.entries) <= {entry for exchange in older for entry in exchange}
    if backlog.entries:
        told = Summary(text=WORDS[conversation], through=backlog.through, untrusted=False)
        await history.summarise(conversation, told)
    summary = await history.summary(conversation)
    assert summary is None or summary.text == WORDS[conversation]


async def live(open_history: OpenHistory, steps: list[Step]) -> None:
    talks = {KEY: Talk(), OTHER: Talk()}
    with TemporaryDirectory() as folder:
        async with open_history(Path(folder), ManualClock()) as history:
            for number, step in enumerate(steps):
                await do(history, talks, number, step)
            for conversation, talk in talks.items():
                assert await history.recent(conversation, 1000) == talk.shown
                assert await history.search(conversation, WORDS[conversation], 1) != [] or (
                    not talk.all()
                )
                info = await history.info(conversation)
                assert (info.exchanges, info.entries) == (len(talk.exchanges), len(talk.shown))
                assert info.put_away == len(talk.all()) - len(talk.shown)


@pytest.mark.parametrize("open_history", HISTORIES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=25))
def test_two_conversations_go_on_as_if_there_were_no_other(
    open_history: OpenHistory, steps: list[Step]
) -> None:
    asyncio.run(live(open_history, steps))
