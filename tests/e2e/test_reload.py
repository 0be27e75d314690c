"""Edits of config.toml take effect in the running process, or not at all."""

import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from minibot.adapters.config import load
from minibot.core.errors import ConfigurationError
from minibot.core.settings import Settings
from tests.e2e.process import Canaries, Installation, Minibot, Sections
from tests.e2e.serving import GUEST, OWNER, edit, edited, reads, rows, sent, serving, until
from tests.peers.llm import Fault, Rule
from tests.peers.telegram.world import Bot

IN_FORCE_WITHIN = 2.0
LATECOMER, NEVER_ALLOWED = 9, 666

Save = Callable[[Path, str], None]


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


def renamed_over(path: Path, text: str) -> None:
    new = path.with_name(".config.toml.new")
    new.write_text(text)
    new.replace(path)


def like_vim(path: Path, text: str) -> None:
    backup = path.with_name("config.toml~")
    path.rename(backup)
    path.write_text(text)
    backup.unlink()


def by_a_link(path: Path, text: str) -> None:
    target = path.with_name(f"version-{time.monotonic_ns()}.toml")
    target.write_text(text)
    link = path.with_name("new-link")
    link.symlink_to(target)
    link.replace(path)


def generations(minibot: Minibot) -> int:
    return minibot.log.count("config.toml was read again")


def rejections(minibot: Minibot) -> int:
    return minibot.log.count("config.toml cannot be used")


async def _looks_at_it(minibot: Minibot) -> None:
    seen = generations(minibot) + rejections(minibot)
    await until(lambda: generations(minibot) + rejections(minibot) > seen)


async def save(installation: Installation, how: Save, changes: Sections) -> None:
    """Edit config.toml; returns when the edit is in force, which may not take long."""
    minibot = installation.runs[-1]
    before = generations(minibot)
    began = time.monotonic()
    how(installation.config, edited(installation.config.read_text(), changes))
    await until(lambda: generations(minibot) > before)
    assert time.monotonic() - began <= IN_FORCE_WITHIN


async def asked(installation: Installation, chat_id: int = OWNER) -> dict[str, Any]:
    """Let a person write and give what the model was asked."""
    token = installation.say(chat_id)
    await reads(installation, chat_id, token.replace("rid", "ack"))
    body: dict[str, Any] = installation.model.bodies[-1]
    return body


async def test_every_way_to_save_puts_every_kind_of_key_in_force(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        await asked(installation)
        steps: list[tuple[Save, Sections, Callable[[], Awaitable[object]]]] = [
            (in_place, {"llm.context": {"system_prompt": "Be brief."}}, _prompt(installation)),
            (renamed_over, {"llm": {"model": "gpt-5-mini"}}, _body(installation, "model")),
            (like_vim, {"llm": {"temperature": 0.25}}, _body(installation, "temperature")),
            (by_a_link, {"llm": {"max_new_tokens": 77}}, _body(installation, "max_", "tokens")),
            (by_a_link, {"llm.context": {"history_window": 0}}, _turns(installation)),
            (
                in_place,
                {"channels.telegram": {"allowed_user_ids": [OWNER, LATECOMER]}},
                _turns(installation, LATECOMER),
            ),
        ]
        found = []
        for how, changes, effect in steps:
            await save(installation, how, changes)
            found.append(await effect())
        assert found == ["Be brief.", "gpt-5-mini", 0.25, 77, 2, 2]

        installation.say(GUEST)
        began = time.monotonic()
        edit(installation, {"runtime": {"log_level": "ERROR"}})
        while await _lines_of_a_turn(installation):
            assert time.monotonic() - began <= IN_FORCE_WITHIN
        assert sent(installation, GUEST) == []
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def _lines_of_a_turn(installation: Installation) -> int:
    """Count what is logged while a message is answered."""
    minibot = installation.runs[-1]
    before = len(minibot.log.splitlines())
    await asked(installation)
    return len(minibot.log.splitlines()) - before


def _prompt(installation: Installation) -> Callable[[], Awaitable[object]]:
    async def read() -> object:
        return (await asked(installation))["messages"][0]["content"]

    return read


def _body(installation: Installation, *names: str) -> Callable[[], Awaitable[object]]:
    async def read() -> object:
        body = await asked(installation)
        return next(value for key, value in body.items() if all(name in key for name in names))

    return read


def _turns(installation: Installation, chat_id: int = OWNER) -> Callable[[], Awaitable[object]]:
    async def read() -> object:
        return len((await asked(installation, chat_id))["messages"])

    return read


async def test_a_bad_edit_changes_nothing_and_the_owner_is_told_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        await asked(installation)
        good = installation.config.read_text()
        bad = edited(good, {"llm": {"modle": "gpt-5-mini", "model": "gpt-4o"}})

        for text in (bad, bad + "\n", bad + "\n\n"):
            in_place(installation.config, text)
            await _looks_at_it(minibot)
        assert rejections(minibot) == 3
        told = await reads(installation, OWNER, "was refused")
        assert (await asked(installation))["model"] == "fake-model"
        assert "llm.modle" in told["text"]
        assert _notices(installation) == 1

        # What was seen and refused is no change against what is in force.
        in_place(installation.config, good)
        await until(lambda: generations(minibot) == 1)
        in_place(installation.config, bad)
        await until(lambda: _notices(installation) == 2)
        in_place(installation.config, "")
        await until(lambda: _notices(installation) == 3)
        installation.config.unlink()
        await until(lambda: _notices(installation) == 4)
        assert (await asked(installation))["model"] == "fake-model"
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


def _notices(installation: Installation) -> int:
    return sum("was refused" in event["text"] for event in sent(installation, OWNER))


async def test_a_person_who_is_removed_gets_no_answer_to_what_waits(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        await asked(installation, GUEST)
        installation.model.faults.append(Fault(kind="slow", delay=1.0, match="think", times=1))
        installation.say(GUEST, "think")
        await installation.model.ledger.until_inflight(1)
        for _ in range(3):
            installation.say(GUEST)
        await until(lambda: rows(installation, "SELECT count(*) FROM inbox") == [(5,)])

        await save(installation, in_place, {"channels.telegram": {"allowed_user_ids": [OWNER]}})
        installation.say(GUEST)
        await asked(installation)
        states = "SELECT state FROM inbox WHERE conversation = 'telegram:8' ORDER BY id"
        waiting = [("ignored",)] * 3
        await until(lambda: rows(installation, states)[2:] == waiting)
        assert len(installation.model.records) == 3
        assert await minibot.stop() == 0


async def test_a_new_token_is_taken_up_and_a_refused_one_is_not(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        telegram = installation.telegram
        second = Canaries().bot_token
        telegram.bots[second] = Bot(second, "second_test_bot")
        minibot = await installation.start()
        await minibot.listening()
        await asked(installation)

        refused = Canaries().bot_token
        edit(installation, {"channels.telegram": {"bot_token": refused}})
        notice = await reads(installation, OWNER, "Telegram refuses the bot token")
        assert refused not in notice["text"]
        await asked(installation)

        polls = telegram.bots[second].polls
        await save(installation, renamed_over, {"channels.telegram": {"bot_token": second}})
        await until(lambda: telegram.bots[second].polls > polls)
        assert telegram.default_bot.poll is None
        telegram.inject({"chat_id": GUEST, "text": "rid900end", "token": second})
        await reads(installation, GUEST, "ack900end")
        assert await minibot.stop() == 0
        assert minibot.accidents() == []
        assert second not in minibot.log
        assert refused not in minibot.log


async def test_the_owner_can_ask_for_the_settings_to_be_read(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        telegram = installation.telegram
        telegram.inject({"chat_id": OWNER, "text": "/reload"})
        await reads(installation, OWNER, "nothing is different")
        telegram.inject({"chat_id": GUEST, "text": "/reload"})
        await reads(installation, GUEST, "I do not know /reload")

        edit(installation, {"llm": {"temperature": 0.5}})
        telegram.inject({"chat_id": OWNER, "text": "/reload"})
        assert (await asked(installation))["temperature"] == 0.5

        in_place(installation.config, "[llm]\nmodle = 5\n")
        telegram.inject({"chat_id": OWNER, "text": "/reload"})
        refusal = await reads(installation, OWNER, "nothing changed")
        assert "llm.modle" in refusal["text"]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


def mutations(installation: Installation, count: int, rng: random.Random) -> list[str]:
    """Damage config.toml in so many ways that do not change whom and what it connects."""
    text = installation.config.read_text()
    before = load(installation.config).settings
    scratch = installation.config.with_name("scratch.toml")
    found: list[str] = []
    while len(found) < count:
        mutated = _mutated(text, rng)
        scratch.write_text(mutated)
        if _serves_the_same(before, scratch):
            found.append(mutated)
    scratch.unlink()
    return found


def _mutated(text: str, rng: random.Random) -> str:
    lines = text.splitlines()
    at = rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[rng.randrange(len(lines))])
        case 2:
            place = rng.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + rng.choice('"[]=#\n\\x0é,.') + lines[at][place:]
        case 3:
            place = rng.randrange(len(lines[at]) or 1)
            lines[at] = lines[at][:place] + lines[at][place + 1 :]
        case 4:
            return text[: rng.randrange(len(text))]
        case _:
            more = f"[{OWNER}, {GUEST}, {rng.randrange(10_000, 20_000)}]"
            lines = [f"allowed_user_ids = {more}" if "user_ids" in x else x for x in lines]
            lines.append(f"# {rng.random()}")
    return "\n".join(lines)


def _serves_the_same(before: Settings, path: Path) -> bool:
    """True for what is invalid too: then what was valid stays in force."""
    try:
        after = load(path).settings
    except ConfigurationError:
        return True
    old, new = before.channels.telegram, after.channels.telegram
    same_people = {OWNER, GUEST} <= set(new.allowed_user_ids)
    same_bot = new == old.model_copy(update={"allowed_user_ids": new.allowed_user_ids})
    return (
        same_people
        and same_bot
        and NEVER_ALLOWED not in new.allowed_user_ids
        and "*" not in new.allowed_user_ids
        and after.llm == before.llm
        and after.runtime == before.runtime
    )


async def test_a_thousand_broken_edits_under_load_harm_nobody(tmp_path: Path) -> None:
    rng = random.Random("mutations")  # noqa: S311 - must be repeatable
    async with serving(tmp_path) as installation:
        good = installation.config.read_text()
        installation.model.rules.append(Rule.from_json({"match": "rid", "ttft": 0.02}))
        minibot = await installation.start()
        await minibot.listening()
        texts = mutations(installation, 1000, rng)
        for number, text in enumerate(texts):
            rng.choice((in_place, renamed_over, like_vim))(installation.config, text)
            if number % 5 == 0:
                installation.say(rng.choice((OWNER, GUEST)))
                installation.telegram.inject({"chat_id": NEVER_ALLOWED, "text": "let me in"})
            if number % 40 == 39:  # else it would see the last one only
                await _looks_at_it(minibot)
        in_place(installation.config, good)

        assert await installation.answered(installation.said)
        assert minibot.running
        assert sent(installation, NEVER_ALLOWED) == []
        assert len(set(installation.answers())) == len(installation.answers()) == installation.said
        assert await minibot.stop() == 0
        assert minibot.accidents() == []
