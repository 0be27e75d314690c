"""No language model can be reached for a while: messages wait, and are answered behind it."""

import json
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

import pytest

from tests.e2e.process import Installation, Minibot, Sections, installed
from tests.e2e.serving import WITHIN, edit, reads, rows, sent, until
from tests.peers import llm
from tests.peers.llm import Fault, Rule
from tests.peers.telegram.wire import Json

CHATS = (7, 8, 9)
CROWD = range(7, 13)
BACK_WITHIN = 5.0
"""Seconds from the moment a model can be reached again to the last answer."""
NOTICE = "⏳ The language model cannot be reached right now."
FAILURE = 'message="a model failed"'

SECTIONS: Sections = {"llm.retry": {"min_wait_seconds": 0.05, "max_wait_seconds": 0.1}}
"""All else, the limits of the breaker among it, is as it comes."""


class ModelServer:
    """A model that can be taken away: nobody listens, or all is answered with 503."""

    def __init__(self, name: str, key: str) -> None:
        self.name = name
        self.peer = llm.FakeLLM(llm.Settings(api_key=key))
        self._running: llm.Running | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def asked(self) -> list[Json]:
        """The questions it got; those during an overload only say that there was one."""
        return self.peer.records

    async def start(self) -> None:
        self._running = await llm.start(self.peer, port=self._port)
        self._port = self._running.port

    async def stop(self) -> None:
        if self._running is not None:
            await self._running.stop()
        self._running = None

    async def go(self, how: str) -> None:
        """Go away: ``refused`` or ``overloaded``."""
        if how == "refused":
            await self.stop()
        else:
            self.peer.settings.down = True

    async def come_back(self) -> None:
        self.peer.settings.down = False
        if self._running is None:
            await self.start()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An installation with a first model and, for when that fails, a second."""

    installation: Installation
    first: ModelServer
    second: ModelServer

    @property
    def notices(self) -> list[int]:
        """The chats that were told to wait, in order."""
        return [
            event["chat_id"]
            for event in sent(self.installation)
            if event["text"].startswith(NOTICE)
        ]

    async def start(self) -> Minibot:
        minibot = await self.installation.start()
        await minibot.listening()
        return minibot

    async def begin(self, how: str) -> None:
        for server in (self.first, self.second):
            await server.go(how)

    async def is_told(self, chats: Sequence[int]) -> None:
        """Wait until these chats, and no others, know that they have to wait."""
        for chat_id in chats:
            await reads(self.installation, chat_id, NOTICE)
        assert sorted(self.notices) == sorted(chats)

    async def stored(self, count: int) -> None:
        """Wait until so many messages are there to be answered."""
        query = "SELECT count(*) FROM inbox WHERE finished_at IS NULL"
        await until(lambda: rows(self.installation, query) == [(count,)])

    async def is_probed(self) -> None:
        """Wait until a model was asked again, in vain."""
        minibot = self.installation.runs[-1]
        before = minibot.log.count(FAILURE)
        await until(lambda: minibot.log.count(FAILURE) > before)

    async def ends(self, servers: Sequence[ModelServer], *, answers: int) -> float:
        """Bring models back; gives the seconds until everything was answered."""
        for server in servers:
            await server.come_back()
        began = time.monotonic()
        assert await self.installation.answered(answers, within=WITHIN), self.installation.runs[
            -1
        ].log[-4000:]
        return float(sent(self.installation)[-1]["t"]) - began


@asynccontextmanager
async def two_models(
    folder: Path, *, users: Sequence[int] = CHATS, fallback: bool = True
) -> AsyncIterator[Outage]:
    """Run the peers with a config.toml that names both models, or the first alone."""
    async with (
        installed(folder, users=users, sections=SECTIONS) as installation,
        AsyncExitStack() as stack,
    ):
        servers = [ModelServer(name, installation.canaries.api_key) for name in ("one", "two")]
        for server in servers:
            await server.start()
            stack.push_async_callback(server.stop)
        first, second = servers
        edit(installation, {"llm": {"base_url": first.url, "model": first.name}})
        if fallback:
            _add_fallback(installation, second)
        yield Outage(installation=installation, first=first, second=second)
        await installation.end()


def _add_fallback(installation: Installation, server: ModelServer) -> None:
    fields = {
        "provider": "openai",
        "base_url": server.url,
        "api_key": installation.canaries.api_key,
        "model": server.name,
    }
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in fields.items()]
    with installation.config.open("a") as config:
        config.writelines(("[[llm.fallbacks]]\n", *lines))


@pytest.mark.parametrize(
    ("how", "back"),
    [("refused", "first"), ("refused", "second"), ("overloaded", "first"), ("overloaded", "both")],
)
async def test_an_outage_delays_every_answer_and_loses_none(
    how: str, back: str, tmp_path: Path
) -> None:
    async with two_models(tmp_path) as outage:
        minibot = await outage.start()
        await outage.begin(how)
        said = {chat_id: [outage.installation.say(chat_id)] for chat_id in CHATS}
        await outage.is_told(CHATS)
        for _ in range(2):
            for chat_id in CHATS:
                said[chat_id].append(outage.installation.say(chat_id))
        await outage.stored(9)
        await outage.is_probed()
        assert outage.installation.answers() == []

        returning = {"first": [outage.first], "second": [outage.second]}
        seconds = await outage.ends(returning.get(back, [outage.first, outage.second]), answers=9)

        sys.stdout.write(f"{how}, {back} back: all was answered within {seconds:.2f} s\n")
        assert await minibot.stop() == 0
        assert minibot.accidents() == []
        assert {chat_id: outage.installation.answers(chat_id) for chat_id in CHATS} == said
        assert sorted(outage.notices) == sorted(CHATS)
        assert seconds <= BACK_WITHIN


async def test_a_process_killed_in_an_outage_forgets_nothing(tmp_path: Path) -> None:
    async with two_models(tmp_path) as outage:
        minibot = await outage.start()
        await outage.begin("refused")
        said = {chat_id: [outage.installation.say(chat_id)] for chat_id in CHATS}
        await outage.is_told(CHATS)
        said[7].append(outage.installation.say(7))
        await outage.stored(4)

        await minibot.stop(Signals.SIGKILL)
        said[8].append(outage.installation.say(8))
        minibot = await outage.start()
        await outage.stored(5)
        await outage.is_probed()
        assert outage.installation.answers() == []
        seconds = await outage.ends([outage.first], answers=5)

        assert await minibot.stop() == 0
        assert minibot.accidents() == []
        assert {chat_id: outage.installation.answers(chat_id) for chat_id in CHATS} == said
        assert sorted(outage.notices) == sorted(CHATS)
        assert seconds <= BACK_WITHIN


async def test_what_waits_is_dropped_by_stop(tmp_path: Path) -> None:
    async with two_models(tmp_path) as outage:
        await outage.start()
        await outage.begin("overloaded")
        outage.installation.say(7)
        kept = outage.installation.say(8)
        await outage.is_told([7, 8])

        outage.installation.telegram.inject({"chat_id": 7, "text": "/stop"})
        await reads(outage.installation, 7, "I will not answer what waited for the model.")
        later = outage.installation.say(7)
        await outage.ends([outage.first], answers=2)

        assert sorted(outage.installation.answers()) == sorted((kept, later))


async def test_a_model_that_failed_five_times_is_left_alone(tmp_path: Path) -> None:
    async with two_models(tmp_path, users=CROWD, fallback=False) as outage:
        minibot = await outage.start()
        outage.first.peer.faults.append(Fault(status=503))
        oldest, *others = [await _told_to_wait(outage, chat_id) for chat_id in CROWD]

        assert minibot.log.count('message="the model is left alone"') == 1
        assert others[-1] not in _tokens(outage.first.asked)
        await outage.is_probed()
        assert others[-1] not in _tokens(outage.first.asked)
        assert outage.first.asked[-1]["tokens"] == [oldest]
        outage.first.peer.faults.clear()
        seconds = await outage.ends([], answers=len(CROWD))
        assert sorted(outage.installation.answers()) == sorted((oldest, *others))
        assert seconds <= BACK_WITHIN


async def _told_to_wait(outage: Outage, chat_id: int) -> str:
    token = outage.installation.say(chat_id)
    await reads(outage.installation, chat_id, NOTICE)
    return token


def _tokens(records: Sequence[Json]) -> set[str]:
    return {token for record in records for token in record["tokens"]}


@pytest.mark.parametrize("kind", ["status", "drop_mid_stream", "empty"])
async def test_the_second_model_answers_when_the_first_fails(kind: str, tmp_path: Path) -> None:
    async with two_models(tmp_path) as outage:
        minibot = await outage.start()
        outage.first.peer.faults.append(Fault(kind=kind, status=503))
        said = []
        for number in range(1, 8):
            said.append(outage.installation.say(7))
            assert await outage.installation.answered(number)

        assert outage.installation.answers(7) == said
        assert len(sent(outage.installation)) == len(said)
        assert [record["tokens"] for record in outage.second.asked] == [[each] for each in said]
        # Five questions of three submissions each, then it is left alone.
        asked = [record["tokens"] for record in outage.first.asked]
        assert asked == [[each] for each in said[:5] for _ in range(3)]
        assert minibot.accidents() == []


async def test_an_outage_between_two_steps_repeats_no_tool(tmp_path: Path) -> None:
    note = {"name": "note_save", "arguments": {"title": "Tea", "data": "Green."}}
    rule = Rule.from_json({"steps": [{"tool_calls": [note]}, {"text": "{acks}: {last_result}"}]})
    async with two_models(tmp_path) as outage:
        minibot = await outage.start()
        for server in (outage.first, outage.second):
            server.peer.rules.append(rule)
            server.peer.faults.append(Fault(status=503, round=1))
        token = outage.installation.say(7)
        await outage.is_told([7])
        await outage.is_probed()
        for server in (outage.first, outage.second):
            server.peer.faults.clear()
        await outage.ends([], answers=1)

        assert outage.installation.answers() == [token]
        assert 'Remembered "Tea".' in sent(outage.installation)[-1]["text"]
        assert [record["round"] for record in outage.first.asked].count(0) == 1
        query = "SELECT state, count(*) FROM tool_calls GROUP BY state"
        assert rows(outage.installation, query) == [("finished", 1)]
        assert await minibot.stop() == 0
