"""However much was said and read, what the model is shown fits, is whole, and says what matters."""

import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

from aiohttp import web

from minibot.adapters.storage.codec import encode_calls
from minibot.core.llm import ToolCall
from tests.e2e.process import Installation, Sections
from tests.e2e.serving import OWNER, rows, serving, until
from tests.e2e.strangers_web import Handler, Web, strangers_web
from tests.e2e.talking import Talk, call, play
from tests.peers.llm.script import Rule
from tests.peers.telegram.wire import Json

SENTENCE = "the quick brown fox jumps over a lazy dog "
LONG = SENTENCE * 80
"""Some 3,400 characters; Telegram takes 4,096."""

SUMMARISING = "You keep the memory of a conversation"


@asynccontextmanager
async def reading(
    folder: Path, sections: Sections, routes: Mapping[str, Handler] | None = None
) -> AsyncIterator[tuple[Installation, Web]]:
    """Run minibot beside a model that refuses whatever is not legal."""
    async with (
        strangers_web(routes=routes) as found,
        serving(folder, sections={**found.sections, **sections}) as installation,
    ):
        minibot = await installation.start()
        await minibot.listening()
        yield installation, found
        assert installation.model.stats()["illegal"] == 0
        assert await installation.runs[-1].stop() == 0
        assert [line for run in installation.runs for line in run.accidents()] == []


def messages(installation: Installation, number: int = -1) -> list[Json]:
    """Give what a request showed to the model; requests for summaries are left aside."""
    bodies = [body for body in installation.model.bodies if SUMMARISING not in json.dumps(body)]
    found: list[Json] = bodies[number]["messages"]
    return found


def shown(installation: Installation, number: int = -1) -> str:
    """Give it as one text."""
    return json.dumps(messages(installation, number), ensure_ascii=False)


async def test_a_megabyte_of_history_is_no_burden(tmp_path: Path) -> None:
    async with reading(tmp_path, {"llm.context": {"history_window": 500}}) as (installation, _):
        talk = Talk(installation, OWNER)
        installation.model.settings.context_window = 32_768
        await talk.ask("rid1end hello", "ack1end")
        assert await installation.runs[-1].stop() == 0
        _remember(installation, exchanges=200)
        assert rows(installation, "SELECT sum(length(text)) > 1000000 FROM history") == [(1,)]
        minibot = await installation.start()
        await minibot.listening()

        await talk.ask("rid2end hello again", "ack2end")

        assert {record["outcome"] for record in installation.model.records} == {"ok"}
        request = shown(installation)
        assert "Question 199" in request
        assert "Question 0 " not in request
        assert len(request) > 20_000


def _remember(installation: Installation, *, exchanges: int) -> None:
    """Write a long conversation with tools into the database."""
    entries: list[tuple[str, str, str, str]] = []
    for number in range(exchanges):
        calls = tuple(
            ToolCall(id=f"c{number}-{each}", name="calculate", arguments="{}") for each in "ab"
        )
        entries.append(("user", f"Question {number} {LONG[:2000]}", encode_calls(()), ""))
        entries.append(("assistant", "", encode_calls(calls), ""))
        entries += [("tool", LONG[:600], encode_calls(()), each.id) for each in calls]
        entries.append(("assistant", LONG[:2000], encode_calls(()), ""))
    with closing(sqlite3.connect(installation.database)) as database, database:
        database.executemany(
            "INSERT INTO history (conversation, role, text, tool_calls, tool_call_id, created_at) "
            "SELECT key, ?, ?, ?, ?, 1700000000000000 FROM conversations",
            entries,
        )


async def test_a_megabyte_of_a_tool_is_no_burden(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.Response:
        return web.Response(text="A long page. " * 80_000)

    limits = {"tools": {"max_output_characters": 1_000_000}}
    async with reading(tmp_path, limits, {"/endless": endless}) as (installation, found):
        installation.model.settings.context_window = 32_768
        play(installation, "read", call("http_fetch", url=f"{found.home}/endless"), "I read it.")
        talk = Talk(installation, OWNER)

        await talk.ask("read", "I read it.")
        await talk.ask("rid1end thanks", "ack1end")

        assert [record["outcome"] for record in installation.model.records] == ["ok"] * 3
        assert "A long page." in shown(installation, 1)
        assert "[… shortened …]" in shown(installation, 1)


async def test_a_model_that_refuses_a_long_conversation_is_shown_less(tmp_path: Path) -> None:
    async with reading(tmp_path, {}) as (installation, _):
        talk = Talk(installation, OWNER)
        for number in range(8):
            await talk.ask(f"rid{number}end {LONG}", f"ack{number}end")
        tokens = installation.model.records[-1]["input_tokens"]
        installation.model.settings.context_window = int(tokens * 0.8)

        await talk.ask("rid8end and now?", "ack8end")
        await talk.ask("rid9end and now?", "ack9end")

        outcomes = [record["outcome"] for record in installation.model.records[8:]]
        assert outcomes == ["error 400", "ok", "ok"]
        assert "ack7end" in shown(installation)
        assert "rid0end" not in shown(installation)


async def test_a_refusal_that_no_cut_would_help_leaves_questions_whole(tmp_path: Path) -> None:
    async with reading(tmp_path, {}) as (installation, _):
        talk = Talk(installation, OWNER)
        installation.model.settings.context_window = 100
        await talk.ask("hello", "too long for the language model")
        installation.model.settings.context_window = 0

        await talk.ask(f"rid1end {LONG}", "ack1end")

        assert LONG.strip() in shown(installation)


async def test_a_long_talk_is_summed_up_until_a_fresh_start(tmp_path: Path) -> None:
    async with reading(tmp_path, {"llm.context": {"history_window": 2}}) as (installation, _):
        _sum_up(installation, "Her dog is Rex.")
        play(installation, "note it", call("note_save", title="Tea", data="green"), "{acks}")
        talk = Talk(installation, OWNER)
        for number in range(10):
            await talk.ask(f"rid{number}end note it {LONG}", f"ack{number}end")
        await until(
            lambda: rows(installation, "SELECT text FROM summaries") == [("Her dog is Rex.",)]
        )

        await talk.ask("rid10end and now?", "ack10end")
        system, first, *_ = messages(installation)
        assert "Her dog is Rex." in system["content"]
        assert first["role"] == "user"
        assert "rid8end" in first["content"]

        await talk.ask("/new", "A fresh start")
        await talk.ask("rid11end hello", "ack11end")
        assert "Rex" not in shown(installation)
        assert rows(installation, "SELECT count(*) FROM summaries") == [(0,)]


def _sum_up(installation: Installation, summary: str) -> None:
    rule = Rule.from_json({"match": SUMMARISING, "scope": "any", "text": summary})
    installation.model.rules.insert(0, rule)


async def test_exchanges_with_many_steps_are_summed_up_as_well(tmp_path: Path) -> None:
    async with reading(tmp_path, {"llm.context": {"history_window": 1}}) as (installation, _):
        _sum_up(installation, "Sums were added up.")
        sums = [call("calculate", expression=f"{number}+1") for number in (1, 2)]
        play(installation, "add up", *sums, "{acks}")
        talk = Talk(installation, OWNER)

        for number in range(10):
            await talk.ask(f"rid{number}end add up {LONG}", f"ack{number}end")

        await until(lambda: rows(installation, "SELECT count(*) FROM summaries") == [(1,)])
        await talk.ask("rid10end and now?", "ack10end")
        assert "Sums were added up." in shown(installation)


async def test_what_a_model_thinks_is_not_said(tmp_path: Path) -> None:
    async with reading(tmp_path, {}) as (installation, _):
        steps = [{"tool_calls": [call("calculate", expression="1+1")]}, {"text": "It is 2."}]
        thought = "One and one, hm."
        rule = Rule.from_json({"match": "add up", "steps": steps, "reasoning": thought})
        installation.model.rules.append(rule)
        talk = Talk(installation, OWNER)

        assert (await talk.ask("add up"))["text"] == "It is 2."
        await talk.ask("rid1end thanks", "ack1end")

        assert thought not in shown(installation)
        assert thought not in str(rows(installation, "SELECT text FROM history"))


async def test_what_costs_too_much_to_be_shown_is_summed_up_as_well(tmp_path: Path) -> None:
    sections = {"llm.context": {"max_history_tokens": 2_000}}
    async with reading(tmp_path, sections) as (installation, _):
        _sum_up(installation, "Her dog is Rex.")
        talk = Talk(installation, OWNER)

        for number in range(10):
            await talk.ask(f"rid{number}end {LONG}", f"ack{number}end")

        await until(lambda: rows(installation, "SELECT count(*) FROM summaries") == [(1,)])
        await talk.ask("rid10end and now?", "ack10end")
        assert "Her dog is Rex." in shown(installation)
        assert "rid9end" in shown(installation)
        assert "rid7end" not in shown(installation)
