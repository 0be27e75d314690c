"""Everything around the process fails, and it neither dies nor loses anything."""

import re
import resource
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import Canaries, Installation, Minibot
from tests.e2e.serving import OWNER, edit, edited, reads, rows, sent, serving, until
from tests.peers.llm import Fault, Rule
from tests.peers.telegram import start as start_telegram
from tests.peers.telegram.faults import Fault as TelegramFault

CONFIGURATION, ALREADY_RUNNING, DAMAGED, TOKEN_REFUSED = 2, 3, 4, 5
CONFLICT = "Conflict: terminated by other getUpdates request"


async def ended(installation: Installation) -> tuple[int | None, str]:
    """Start it and give the exit code it comes to, and its words."""
    minibot = await installation.start()
    return await minibot.exits_within(15), minibot.log


async def serves(installation: Installation, minibot: Minibot) -> None:
    """It answers, and ends in good order."""
    token = installation.say(OWNER)
    await reads(installation, OWNER, token.replace("rid", "ack"))
    assert await minibot.stop() == 0


async def test_a_second_process_gives_way_to_the_first(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        first = await installation.start()
        await first.listening()
        polls = installation.telegram.default_bot.polls

        code, words = await ended(installation)
        assert code == ALREADY_RUNNING
        assert f"(pid {first.pid})" in words
        assert str(installation.data) in words

        changes = {"runtime": {"data_dir": str(tmp_path / "data-2")}}
        other = tmp_path / "second.toml"
        other.write_text(edited(installation.config.read_text(), changes))
        installation.config = other
        code, words = await ended(installation)
        assert code == ALREADY_RUNNING
        assert "uses this bot token" in words
        assert installation.telegram.default_bot.polls == polls
        # An owner who never wrote cannot be given a menu, and nothing else was refused.
        assert set(installation.telegram.errors) <= {"400 Bad Request: chat not found"}
        await serves(installation, first)


async def test_the_place_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        first = await installation.start()
        await first.listening()
        await installation.end()
        second = await installation.start()
        await second.listening()
        await serves(installation, second)


async def test_a_refused_token_ends_the_process(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        wrong = Canaries().bot_token
        edit(installation, {"channels.telegram": {"bot_token": wrong}})
        code, words = await ended(installation)

        assert code == TOKEN_REFUSED
        assert "Telegram refuses the bot token" in words
        assert "@BotFather" in words
        assert wrong not in words
        assert "Traceback" not in words


async def test_a_token_that_is_revoked_ends_the_process(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        installation.telegram.faults.append(TelegramFault(method="getUpdates", code=401))
        installation.say(OWNER)

        assert await minibot.exits_within(10) == TOKEN_REFUSED


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def _torn(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE t (x)")
        database.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 1000)
    whole = path.read_bytes()
    path.write_bytes(whole[:20_000] + b"\xff" * 8000 + whole[28_000:])


def _cut(path: Path) -> None:
    _torn(path)
    path.write_bytes(path.read_bytes()[:30_000])


@pytest.mark.parametrize("damage", [_garbage, _torn, _cut])
async def test_a_damaged_database_is_left_as_it_is(damage: Any, tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        installation.data.mkdir()
        damage(installation.database)
        before = installation.database.read_bytes()
        code, words = await ended(installation)

        assert code == DAMAGED
        assert str(installation.database) in words
        assert "Traceback" not in words
        assert installation.database.read_bytes() == before
        assert not list(installation.data.glob("minibot.db-*"))
        assert installation.telegram.counts["getUpdates"] == 0


async def test_another_poller_elsewhere_is_reported_and_given_way(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        installation.say(OWNER)
        assert await installation.answered(1)
        fault = TelegramFault(method="getUpdates", code=409, description=CONFLICT)
        installation.telegram.faults.append(fault)
        installation.say(OWNER)

        await reads(installation, OWNER, "Another process somewhere uses this bot token")

        assert "another process polls with this bot token" in minibot.log
        assert fault.hits == 1
        assert not await installation.answered(3, within=0.7)
        assert fault.hits == 1
        assert minibot.running
        assert await minibot.stop() == 0

        installation.telegram.faults.clear()
        minibot = await installation.start()
        await minibot.listening()
        await serves(installation, minibot)


async def test_updates_nobody_can_read_hold_up_nobody(tmp_path: Path) -> None:
    owner = {"id": OWNER, "is_bot": False, "first_name": "Ada"}
    chat = {"id": OWNER, "type": "private"}
    broken = {"message_id": 1, "from": owner, "chat": chat, "date": "broken", "text": "x"}
    odd: list[dict[str, Any]] = [
        {"message": broken},
        {"message": None},
        {"message": 5},
        {"message": {"from": owner}},
        {"message": {**broken, "chat": None}},
        {"unheard_of": broken},
        {},
    ]
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        for content in odd:
            installation.say(OWNER)
            installation.telegram.inject({"update": content, "unfiltered": True})
        assert await installation.answered(len(odd))
        excuse = await reads(installation, OWNER, "that I cannot read")
        await serves(installation, minibot)

        # All that is left of it is told once; the owner is its person here.
        excuses = [each for each in sent(installation, OWNER) if "cannot read" in each["text"]]
        assert excuses == [excuse]
        [reference] = re.findall(r"reference (\S+?)\)", excuse["text"])
        assert f"request_id={reference}" in minibot.log
        assert len(installation.answers()) == len(odd) + 1


FAULTS = [
    Fault(kind="status", status=500),
    Fault(kind="status", status=503, body="<html>"),
    Fault(kind="status", status=429, retry_after=0),
    Fault(kind="drop"),
    Fault(kind="malformed"),
    Fault(kind="html"),
    Fault(kind="no_content"),
    Fault(kind="empty"),
    Fault(kind="raw", body=""),
    Fault(kind="raw", body="\x00\xff garbage", content_type="text/event-stream"),
    Fault(kind="drop_mid_stream"),
    Fault(kind="cut_mid_stream"),
    Fault(kind="error_mid_stream"),
]


async def test_a_model_that_fails_now_and_then_is_asked_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        for fault in FAULTS:
            fault.times, fault.hits = 1, 0
            installation.model.faults.append(fault)
            installation.say(OWNER)
            assert await installation.answered(installation.said), fault.kind
            assert fault.hits == 1
        await serves(installation, minibot)

        assert len(sent(installation, OWNER)) == len(FAULTS) + 1
        assert minibot.accidents() == []


async def test_a_model_that_refuses_is_apologised_for_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        key = installation.canaries.api_key
        broken = Fault(kind="status", status=400, message=f"no luck with {key}")
        installation.model.faults.append(broken)
        installation.say(OWNER)
        apology = await reads(installation, OWNER, "refused this request")
        installation.model.faults.clear()
        await serves(installation, minibot)

        assert [each["text"] for each in sent(installation, OWNER)][:-1] == [apology["text"]]
        assert broken.hits == 1
        [reference] = re.findall(r"reference (\S+?)\)", apology["text"])
        lines = [line for line in minibot.log.splitlines() if f"request_id={reference} " in line]
        assert any("the model failed" in line for line in lines)


async def test_a_full_disk_confirms_nothing_and_loses_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        installation.say(OWNER)
        assert await installation.answered(1)
        bot = installation.telegram.default_bot
        await until(lambda: bot.poll is not None and not bot.updates)

        _, most = resource.prlimit(minibot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(minibot.pid, resource.RLIMIT_FSIZE, (1, most))
        tokens = [installation.say(OWNER) for _ in range(5)]
        assert not await installation.answered(2, within=1.2)
        assert len(bot.updates) == 5
        assert len(installation.model.records) == 1
        assert minibot.running

        resource.prlimit(minibot.pid, resource.RLIMIT_FSIZE, (most, most))
        assert await installation.answered(6)
        await serves(installation, minibot)
        assert installation.answers(OWNER)[1:-1] == tokens
        assert rows(installation, "PRAGMA integrity_check") == [("ok",)]


async def test_a_disk_that_fills_while_the_model_thinks_delays_the_answer(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        installation.model.rules.append(Rule.from_json({"match": "think", "ttft": 0.3}))
        minibot = await installation.start()
        await minibot.listening()
        installation.say(OWNER, "think")
        await installation.model.ledger.until_inflight(1)

        _, most = resource.prlimit(minibot.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(minibot.pid, resource.RLIMIT_FSIZE, (1, most))
        await installation.model.ledger.until_inflight(0)
        assert not await installation.answered(1, within=0.5)
        resource.prlimit(minibot.pid, resource.RLIMIT_FSIZE, (most, most))

        assert await installation.answered(1)
        await serves(installation, minibot)
        assert len(installation.model.records) == 2  # it was not asked again


async def test_a_telegram_that_is_away_at_the_start_is_waited_for(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        away = await start_telegram(installation.telegram)
        await away.stop()
        edit(installation, {"channels.telegram": {"api_base_url": away.url}})
        minibot = await installation.start()
        await until(lambda: "Telegram does not answer" in minibot.log)
        assert not minibot.has_listened

        late = await start_telegram(installation.telegram, port=away.port)
        await minibot.listening()
        await serves(installation, minibot)
        await late.stop()
        assert minibot.accidents() == []


async def test_lost_requests_and_answers_of_telegram_cost_no_message(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        telegram = installation.telegram
        telegram.faults += [
            TelegramFault(kind="drop", method="getUpdates", when="after", times=1),
            TelegramFault(kind="malformed", method="getUpdates", times=1),
            TelegramFault(method="sendMessage", code=500, times=1),
        ]
        minibot = await installation.start()
        await minibot.listening()
        tokens = [installation.say(OWNER) for _ in range(10)]

        assert await installation.answered(10)

        assert installation.answers(OWNER) == tokens
        await serves(installation, minibot)
        assert minibot.accidents() == []
