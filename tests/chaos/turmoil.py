"""One run: people write, half of what is asked of the model fails, and all is answered."""

import asyncio
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.faults import trouble
from tests.chaos.verdict import Evidence, Seen, Verdict, failed_chains, judge, submissions
from tests.crash.effects import Effects, examine, install_witnesses, read_witnesses, refusals
from tests.crash.errands import ERRANDS, WRITING, rules
from tests.crash.load import Sent
from tests.e2e.process import Installation, Minibot, Sections, installed
from tests.peers.llm import TOKEN_RE

CHATS = tuple(range(2001, 2051))
PER_SECOND = 60.0
WITH_TOOLS = 0.3
"""Share of the messages that take several steps."""
THINKS_SECONDS = 0.02
FAILING = 0.5
ENDS_WITHIN = 170.0
LOOKS_EVERY = 0.5

SECTIONS: Sections = {
    "logging": {"json": True},
    "logging.logfmt": {"enabled": False},
    "llm.retry": {"attempts": 3, "min_wait_seconds": 0.05, "max_wait_seconds": 0.4},
    # Seconds enough for a machine that has other things to do: an answer that comes too late
    # looks like one that was paid for twice.
    "llm.timeouts": {"first_token_seconds": 1.5, "between_tokens_seconds": 1.5},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turmoil:
    """What a run came to."""

    verdict: Verdict
    effects: Effects
    kinds: Mapping[str, int]
    """How often each fault struck."""
    seconds: float

    @property
    def passed(self) -> bool:
        return self.verdict.passed and self.effects.passed and not self.effects.unknown


async def run_turmoil(
    folder: Path, turns: int, rng: random.Random, tell: Callable[[str], None] = lambda line: None
) -> Turmoil:
    """Have so many messages answered in an empty folder.

    Args:
        tell: told now and then how far it is.
    """
    async with installed(folder, users=CHATS, sections=SECTIONS) as installation:
        installation.model.settings.ttft = THINKS_SECONDS
        installation.model.rules.extend(rules("", WRITING))
        await (await _started(installation)).stop()
        install_witnesses(installation.database)
        minibot = await _started(installation)
        installation.model.script.rng.seed(rng.random())
        installation.model.faults.append(trouble(FAILING))
        began = time.monotonic()
        sent = await _people_writing(installation, turns, rng)
        tell(f"{turns} written after {time.monotonic() - began:.0f} s")
        await _settled(installation.database, tell)
        seconds = time.monotonic() - began
        evidence = await _evidence(installation, minibot, sent)
        verdict = judge(evidence)
        return Turmoil(
            verdict=verdict,
            effects=examine(
                [message for message in sent if message.token not in verdict.given_up],
                read_witnesses(installation.data, ()),
                texts=[seen.text for seen in evidence.seen],
                refused=refusals(installation.model.records),
            ),
            kinds=Counter(kind for each in evidence.submissions if (kind := each.fault)),
            seconds=seconds,
        )


async def _started(installation: Installation) -> Minibot:
    minibot = await installation.start()
    await minibot.listening()
    return minibot


async def _people_writing(installation: Installation, turns: int, rng: random.Random) -> list[Sent]:
    numbers = dict.fromkeys(CHATS, 0)
    sent: list[Sent] = []
    due = time.monotonic()
    for _ in range(turns):
        chat_id = rng.choice(CHATS)
        numbers[chat_id] += 1
        sent.append(_write(installation, rng, chat_id, numbers[chat_id]))
        due += rng.expovariate(PER_SECOND)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    return sent


def _write(installation: Installation, rng: random.Random, chat_id: int, number: int) -> Sent:
    errand = rng.choice(WRITING).name if rng.random() < WITH_TOOLS else ""
    text = f"Errand {errand} {number}" if errand else f"Message {number}"
    token = installation.say(chat_id, text)
    return Sent(chat_id=chat_id, number=number, token=token, errand=errand)


async def _settled(database: Path, tell: Callable[[str], None]) -> None:
    """Wait until nothing is left to do, but not for ever: what is unanswered then is judged."""
    until = time.monotonic() + ENDS_WITHIN
    while (count := _open_work(database)) and time.monotonic() < until:
        tell(f"{count} messages to be answered or delivered")
        await asyncio.sleep(LOOKS_EVERY)


def _open_work(database: Path) -> int:
    query = (
        "SELECT (SELECT count(*) FROM inbox WHERE finished_at IS NULL) "
        "+ (SELECT count(*) FROM outbox WHERE finished_at IS NULL)"
    )
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        ((count,),) = connection.execute(query)
    return int(count)


async def _evidence(installation: Installation, minibot: Minibot, sent: list[Sent]) -> Evidence:
    since = time.time() - time.monotonic()
    surprises = [] if minibot.running else ["the process died"]
    code = await minibot.stop()
    surprises += [f"exit code {code}"] if code else []
    with closing(sqlite3.connect(installation.database)) as connection:
        stored = connection.execute("SELECT id, message FROM inbox").fetchall()
    seen = [
        Seen(chat_id=event["chat_id"], text=event["text"] or "", at=event["t"] + since)
        for event in installation.telegram.events
        if event["dir"] == "out" and event["method"] == "sendMessage"
    ]
    return Evidence(
        sent=sent,
        references={TOKEN_RE.findall(text)[0]: f"m{inbox_id}" for inbox_id, text in stored},
        rounds={
            each.token: 1 + len(ERRANDS[each.errand].steps) if each.errand else 1 for each in sent
        },
        seen=seen,
        submissions=submissions(installation.model.records, since=since),
        failed_chains=failed_chains(minibot.log),
        surprises=[*surprises, *minibot.accidents()],
    )
