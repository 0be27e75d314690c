"""The campaign in which the process dies while answers are being written in front of people."""

import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.crash.campaign import Course, Plan, carry_out, judge
from tests.crash.load import CHATS, OF_MESSAGES, TALK, Load
from tests.crash.verdict import Verdict
from tests.e2e.process import Installation, Sections, installed
from tests.peers.llm.script import Rule

SECTIONS: Sections = {
    # Also where there are drafts, which leave nothing behind.
    "streaming": {"transport": "edit", "edit_interval_ms": 500},
}
END = "and so it ends."
WORDS = " ".join(f"word{number}" for number in range(40))
WRITING = Rule.from_json(
    {"match": "Message", "tokens_per_s": 60, "steps": [{"text": f"{{acks}} {WORDS} {END}"}]}
)

WATCHING = Load(
    write=TALK.write,
    per_second=3.0,
    longest_life=2.5,
    answered_within=600.0,
    crash_points=tuple(name for name in OF_MESSAGES if name != "P4"),
)
"""Messages whose answers take a second, and are seen while they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What stands in the chats in the end."""

    messages: int
    whole: int
    left: int
    """Cut answers that were known, and that nobody finished."""
    unknown: int
    """Cut answers whose process died before it had noted that they arrived: each is one that
    comes twice."""
    grown: int
    """Answers that stand in the message that showed them."""

    @property
    def passed(self) -> bool:
        return self.left == 0 and self.grown > 0

    def table(self) -> str:
        return (
            "messages    whole    grown  left cut  unknown  verdict\n"
            f"{self.messages:8} {self.whole:8} {self.grown:8} {self.left:9} {self.unknown:8}"
            f"  {'ok' if self.passed else 'FAILED'}\n"
        )

    def details(self) -> str:
        return ""


async def run_streaming_campaign(
    folder: Path, plan: Plan, tell: Callable[[str], None] = lambda line: None
) -> tuple[Verdict, Course, Seen]:
    """Carry out a plan, whose load is watched, in an empty folder.

    Args:
        tell: told now and then how far it is.
    """
    async with installed(folder, users=CHATS, mode=plan.mode, sections=SECTIONS) as installation:
        installation.model.rules.append(WRITING)
        carried_out = await carry_out(installation, plan, tell)
        seen = examine(installation)
        return judge(installation, plan, carried_out), carried_out.course, seen


def examine(installation: Installation) -> Seen:
    """Look at every message of the bot as people see it now."""
    chats = installation.telegram.transcript.ledger()["chats"]
    told = [entry for chat in chats.values() for entry in chat["out"]]
    cut = {str(entry["message_id"]) for entry in told if not entry["final"].endswith(END)}
    shown = _shown(installation.database)
    return Seen(
        messages=len(told),
        whole=len(told) - len(cut),
        left=len(cut & shown.keys()),
        unknown=len(cut - shown.keys()),
        grown=len(_ids(told) & shown.keys() - cut),
    )


def _ids(told: Collection[dict[str, object]]) -> set[str]:
    return {str(entry["message_id"]) for entry in told}


def _shown(database: Path) -> dict[str, str]:
    """Give the parts that showed an answer, by the message they became."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "SELECT message_id, key FROM outbox WHERE key LIKE 'preview:%' AND message_id <> ''"
        )
        return dict(rows.fetchall())
