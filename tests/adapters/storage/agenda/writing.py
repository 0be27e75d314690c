"""Processes that write an agenda, for tests that look at what they leave behind.

    python -m tests.adapters.storage.agenda.writing BACKEND PATH WHAT NAME

What was acknowledged is printed, an id a line.
"""

import asyncio
import resource
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import cast

from minibot.adapters.storage.agenda import Backend, open_agenda
from minibot.core.errors import StaleEntry, StorageUnavailable
from minibot.core.jobs import Job
from minibot.core.ports import AgendaStore
from tests.adapters.storage.agenda.samples import a_job, changed

WRITES = 500
SHARED_EVERY = 10


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def write_500(store: AgendaStore, name: str) -> None:
    """Write jobs of our own, and every tenth time one that is everybody's."""
    for number in range(WRITES):
        if number % SHARED_EVERY == 0:
            await change_shared(store)
        else:
            await store.write([a_job(f"{name}-{number}")])
            say(f"{name}-{number}")


async def change_shared(store: AgendaStore) -> None:
    while True:
        shared = [job for job in await store.load() if isinstance(job, Job) and job.id == "shared"]
        try:
            await store.write([changed(job) for job in shared] or [a_job("shared")])
        except StaleEntry:
            continue
        return


async def write_until_killed(store: AgendaStore, name: str) -> None:
    numbers = count()

    async def work() -> None:
        for number in numbers:
            job = a_job(f"{name}-{number}", text="x" * 300)
            await store.write([job])
            say("wrote", job.id)
            if number % 3 == 0:
                await store.write([], forget=[job.id])
                say("forgot", job.id)
            if number % 50 == 49:
                await store.compact()

    await asyncio.gather(*(work() for _ in range(4)))


async def write_on_a_full_disk(store: AgendaStore, name: str) -> None:
    """Write up to a limit, beyond it, compact as far as that goes, and write without a limit."""
    await store.write([a_job("first")])
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
    refused: list[Job] = []
    for number in range(600):
        job = a_job(f"{name}-{number}", text="x" * (300 - number % 7))
        try:
            await store.write([job])
            say("wrote", job.id)
        except StorageUnavailable:
            refused.append(job)
            say("refused", job.id)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, most))
    with suppress(StorageUnavailable):
        await store.compact()
    entries, ids = await store.refresh()
    say("news", len(entries) + len(ids))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    for job in refused[:20]:
        await store.write([job])
        say("wrote", job.id)


WORK = {"500": write_500, "until-killed": write_until_killed, "full-disk": write_on_a_full_disk}


async def main() -> None:
    backend, path, what, name = sys.argv[1:]
    async with open_agenda(
        backend=cast(Backend, backend), path=Path(path), lock_timeout_ms=20_000
    ) as store:
        await store.load()
        say("open")
        await WORK[what](store, name)


if __name__ == "__main__":
    asyncio.run(main())
