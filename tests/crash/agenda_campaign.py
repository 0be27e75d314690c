"""The campaign in which the process dies while jobs and tasks are made, done and given up."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from minibot.adapters.storage.agenda import open_agenda
from minibot.core.ports import AgendaStore
from tests.crash.campaign import Course, Plan, carry_out, judge
from tests.crash.effects import refusals
from tests.crash.load import CHATS
from tests.crash.promises import (
    Promises,
    Remains,
    Told,
    examine,
    queued_texts,
    still_open,
    unfinished_work,
)
from tests.crash.verdict import Verdict
from tests.crash.wishes import SECTIONS, Wishers, rules
from tests.e2e.launch import run_command
from tests.e2e.process import Installation, installed

OVER_WITHIN = 90.0
LOOKS_EVERY = 0.1


async def run_agenda_campaign(
    folder: Path, plan: Plan, wishers: Wishers, tell: Callable[[str], None] = lambda line: None
) -> tuple[Verdict, Course, Promises]:
    """Carry out a plan, whose load is that of the wishers, in an empty folder.

    Args:
        tell: told now and then how far it is.
    """
    async with installed(folder, users=CHATS, mode=plan.mode, sections=SECTIONS) as installation:
        installation.model.rules.extend(rules())
        carried_out = await carry_out(installation, plan, tell)
        promises = examine(
            len(plan.ends),
            carried_out.sent,
            wishers.given_up,
            told=[
                Told(place=place, chat_id=event["chat_id"], text=event["text"] or "")
                for place, event in enumerate(installation.telegram.events)
                if event["dir"] == "out" and event["method"] == "sendMessage"
            ],
            remains=await _remains(installation),
            refused=refusals(installation.model.records),
        )
        return judge(installation, plan, carried_out), carried_out.course, promises


async def all_is_over(installation: Installation) -> None:
    """Wait until nothing is to come within the hour; what is by then, the judge finds."""
    async with _agenda(installation) as store:
        known = {entry.id: entry for entry in await store.load()}
        with suppress(TimeoutError):
            async with asyncio.timeout(OVER_WITHIN):
                while any(map(still_open, known.values())) or unfinished_work(
                    installation.database
                ):
                    await asyncio.sleep(LOOKS_EVERY)
                    changed, _ = await store.refresh()
                    known |= {entry.id: entry for entry in changed}


async def _remains(installation: Installation) -> Remains:
    code, listed, _ = await run_command(installation.config, "tasks", "list", "--all")
    async with _agenda(installation) as store:
        entries = await store.load()
    return Remains(
        entries=entries,
        listed=listed if code == 0 else "",
        unfinished=unfinished_work(installation.database),
        parts=queued_texts(installation.database),
    )


def _agenda(installation: Installation) -> AbstractAsyncContextManager[AgendaStore]:
    path = installation.data / "tasks.log"
    return open_agenda(backend="file", path=path, lock_timeout_ms=10_000)
