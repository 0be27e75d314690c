"""``minibot tasks``: jobs and tasks from the command line, also while minibot runs."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from minibot.adapters.config import load
from minibot.adapters.locks import hold_data_folder
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.kinship import ended
from minibot.commands.hooks import clock_for, environment
from minibot.commands.report import ExitCode, complain, explain, say
from minibot.container.stores import open_agenda_of
from minibot.core.errors import IllegalTransition, MinibotError, StorageError, UnknownEntry
from minibot.core.jobs import Job
from minibot.core.ports import Clock, Entry
from minibot.core.settings import Settings

Action = Literal["list", "show", "cancel", "migrate"]
Backend = Literal["file", "sqlite"]

WIDEST_TEXT = 60
"""Characters of a text in a list."""

MIGRATED_AT_ONCE = 1_000
"""Entries that are written in one record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed."""

    action: Action
    id: str = ""
    everything: bool = False
    """True to list what is over as well."""
    to: Backend = "sqlite"


def tasks(path: Path, asked: Asked) -> ExitCode:
    """Do it and give the exit code."""
    try:
        settings = load(path, environment()).settings
        clock = clock_for(settings)
        if asked.action == "migrate":
            with hold_data_folder(settings.runtime.data_dir):
                return asyncio.run(_migrate(settings, asked.to))
        return asyncio.run(_look(settings, asked, clock))
    except MinibotError as error:
        return explain(error)


async def _look(settings: Settings, asked: Asked, clock: Clock) -> ExitCode:
    async with open_agenda_of(settings) as store:
        agenda = Agenda(store, clock)
        await agenda.open()
        if asked.action == "list":
            _list(agenda, everything=asked.everything)
            return ExitCode.OK
        try:
            if asked.action == "show":
                _show(_find(agenda, asked.id))
            else:
                await _cancel(agenda, asked.id, clock.now())
        except (UnknownEntry, IllegalTransition) as error:
            complain(f"minibot: {error}")
            return ExitCode.ERROR
        return ExitCode.OK


def _list(agenda: Agenda, *, everything: bool) -> None:
    entries: list[Entry] = [*agenda.jobs(), *agenda.tasks()]
    shown = [entry for entry in entries if everything or not entry.over]
    if not shown:
        say("Nothing is planned.")
        return
    rows = [("id", "what", "state", "next", "whose", "text"), *map(_row, shown)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())


def _row(entry: Entry) -> tuple[str, str, str, str, str, str]:
    if isinstance(entry, Job):
        kind, text, moment = entry.kind.value, entry.text, entry.due
    else:
        kind, text, moment = entry.kind, entry.description, entry.not_before
    text = " ".join(text.split())
    cut = text if len(text) <= WIDEST_TEXT else f"{text[: WIDEST_TEXT - 1]}…"
    return entry.id, kind, entry.state.value, _moment(moment), entry.owner, cut


def _show(entry: Entry) -> None:
    fields: list[tuple[str, object]]
    if isinstance(entry, Job):
        rule = entry.recurrence
        fields = [
            ("job", entry.id),
            ("kind", entry.kind.value),
            ("text", entry.text),
            ("state", entry.state.value),
            ("when", f"{rule.kind.value} {rule.rule}".strip()),
            ("zone", rule.zone),
            ("next", _moment(entry.due)),
            ("running for", _moment(entry.in_hand)),
            ("last run", _moment(entry.last_run)),
            ("runs", entry.runs),
            ("tells", entry.notify.value),
        ]
    else:
        fields = [
            ("task", entry.id),
            ("kind", entry.kind),
            ("description", entry.description),
            ("payload", entry.payload),
            ("state", entry.state.value),
            ("waits for", ", ".join(entry.parents)),
            ("priority", entry.priority),
            ("attempts", entry.attempts),
            ("tried again", _moment(entry.not_before)),
            ("began", _moment(entry.started_at)),
            ("ended", _moment(entry.finished_at)),
            ("result", entry.result),
        ]
    fields += [
        ("problem", entry.problem),
        ("whose", entry.owner),
        ("chat", entry.chat.key),
        ("asked for", _moment(entry.created_at)),
    ]
    for name, value in fields:
        if value not in ("", None):
            say(f"{name + ':':14}{value}")


async def _cancel(agenda: Agenda, entry_id: str, now: datetime) -> None:
    while True:
        entry, tasks = _find(agenda, entry_id), agenda.tasks()
        if isinstance(entry, Job):
            made = [task for task in tasks if task.job == entry.id and not task.over]
            ending: list[Entry] = [entry.cancelled(now), *ended(made, tasks, now)]
        else:
            ending = [*ended([entry], tasks, now)]
        if await agenda.replace(*ending):
            break
    say("\n".join(f"{each.id} is cancelled." for each in ending))


def _find(agenda: Agenda, entry_id: str) -> Entry:
    entry = agenda.job(entry_id) or agenda.task(entry_id)
    if entry is None:
        raise UnknownEntry(
            f"there is no {entry_id}; `minibot tasks list --all` names all there are"
        )
    return entry


async def _migrate(settings: Settings, to: Backend) -> ExitCode:
    """Copy all there is from the store of the settings into the other one, which must be empty."""
    storage = settings.tasks.storage
    if storage.backend == to:
        complain(f"minibot: tasks.storage.backend is {to!r} already: there is nothing to move")
        return ExitCode.ERROR
    target = settings.model_copy(
        update={
            "tasks": settings.tasks.model_copy(
                update={"storage": storage.model_copy(update={"backend": to})}
            )
        }
    )
    async with open_agenda_of(settings) as source, open_agenda_of(target) as sink:
        entries = await source.load()
        if await sink.load():
            raise StorageError(f"{target.agenda_path} holds jobs and tasks already: move it away")
        for start in range(0, len(entries), MIGRATED_AT_ONCE):
            some = entries[start : start + MIGRATED_AT_ONCE]
            # What is new to a store has the first version there.
            await sink.write([replace(entry, version=1) for entry in some])
    say(
        f"{len(entries)} jobs and tasks are in {target.agenda_path} now. Write backend = "
        f'"{to}" under [tasks.storage] of your configuration; {settings.agenda_path} is as it was.'
    )
    return ExitCode.OK


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
