"""Jobs and tasks from the shell: seen, ended and moved to another kind of store."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from minibot.adapters.locks import hold_data_folder
from minibot.adapters.storage.agenda import open_agenda
from minibot.commands.report import ExitCode
from minibot.commands.tasks import MIGRATED_AT_ONCE, WIDEST_TEXT, Asked, Backend, tasks
from minibot.core.jobs import Job, JobKind, JobState, Recurrence, RecurrenceKind
from minibot.core.messages import ChatRef, Person
from minibot.core.ports import AgendaStore, Entry
from minibot.core.tasks import Task, TaskState

NOW = datetime(2020, 3, 2, 9, tzinfo=UTC)
FILES: dict[Backend, str] = {"file": "tasks.log", "sqlite": "tasks.db"}

TEA = Job(
    id="jtea2",
    owner="telegram:7",
    person=Person(id="7", name="Ada"),
    chat=ChatRef(channel="telegram", chat_id="7"),
    private=True,
    kind=JobKind.REMINDER,
    text="Drink the tea",
    recurrence=Recurrence(kind=RecurrenceKind.CRON, rule="0 9 * * 1-5", start=NOW, zone="UTC"),
    due=NOW,
    created_at=NOW,
    updated_at=NOW,
)
BUS = replace(TEA, id="jbus2", text="Catch the bus", state=JobState.DONE, due=None)
SUM = Task(
    id="tsum2",
    owner="telegram:8",
    person=Person(id="8"),
    chat=ChatRef(channel="telegram", chat_id="-100", thread_id="5"),
    private=False,
    kind="tool_call",
    description="The sum",
    payload='{"tool": "calculate"}',
    state=TaskState.QUEUED,
    not_before=NOW + timedelta(seconds=90),
    attempts=2,
    problem="it was not ready",
    created_at=NOW,
    updated_at=NOW,
)
WAITING = replace(
    SUM, id="twait", description="What follows", state=TaskState.WAITING, parents=("tsum2",),
    not_before=None, attempts=0, problem="",
)  # fmt: skip


class Shell:
    """An installation, and what its owner types."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = folder / "data"
        self.config = folder / "config.toml"
        self._capsys = capsys
        self.use("file")

    def use(self, backend: Backend) -> None:
        self.config.write_text(
            f'[runtime]\ndata_dir = "{self.data}"\n'
            '[channels.console]\nenabled = true\n[llm]\nprovider = "offline"\n'
            f'[tasks.storage]\nbackend = "{backend}"\n'
        )

    def run(self, asked: Asked) -> tuple[ExitCode, str, str]:
        code = tasks(self.config, asked)
        return code, *self._capsys.readouterr()

    def says(self, asked: Asked) -> str:
        code, out, err = self.run(asked)
        assert (code, err) == (ExitCode.OK, "")
        return out

    def keep(self, *entries: Entry, backend: Backend = "file") -> None:
        async def write() -> None:
            async with self._store(backend) as store:
                await store.load()
                await store.write(entries)

        asyncio.run(write())

    def kept(self, backend: Backend = "file") -> dict[str, Entry]:
        async def load() -> Sequence[Entry]:
            async with self._store(backend) as store:
                return await store.load()

        return {entry.id: entry for entry in asyncio.run(load())}

    def _store(self, backend: Backend) -> AbstractAsyncContextManager[AgendaStore]:
        return open_agenda(backend=backend, path=self.data / FILES[backend], lock_timeout_ms=1000)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


def test_nothing_planned_is_said(shell: Shell) -> None:
    assert shell.says(Asked(action="list")) == "Nothing is planned.\n"


def test_what_is_planned_is_listed_a_line_each(shell: Shell) -> None:
    shell.keep(TEA, BUS, SUM)

    lines = shell.says(Asked(action="list")).splitlines()

    assert lines == [
        "id     what       state      next                     whose       text",
        "jtea2  reminder   scheduled  2020-03-02 09:00:00 UTC  telegram:7  Drink the tea",
        "tsum2  tool_call  queued     2020-03-02 09:01:30 UTC  telegram:8  The sum",
    ]


def test_what_is_over_is_listed_when_asked_for(shell: Shell) -> None:
    shell.keep(TEA, BUS)

    lines = shell.says(Asked(action="list", everything=True)).splitlines()

    assert [line.split()[0] for line in lines] == ["id", "jtea2", "jbus2"]
    assert "done" in lines[2]


def test_a_long_text_takes_one_line(shell: Shell) -> None:
    shell.keep(replace(TEA, text=f"Drink\n\n  the {'green ' * 20}tea"))

    (_, line) = shell.says(Asked(action="list")).splitlines()

    text = line.partition("telegram:7  ")[2]
    assert text.startswith("Drink the green")
    assert text.endswith("…")
    assert len(text) == WIDEST_TEXT


def test_everything_about_a_job_is_shown(shell: Shell) -> None:
    shell.keep(TEA)

    assert shell.says(Asked(action="show", id="jtea2")).splitlines() == [
        "job:          jtea2",
        "kind:         reminder",
        "text:         Drink the tea",
        "state:        scheduled",
        "when:         cron 0 9 * * 1-5",
        "zone:         UTC",
        "next:         2020-03-02 09:00:00 UTC",
        "runs:         0",
        "tells:        always",
        "whose:        telegram:7",
        "chat:         telegram:7",
        "asked for:    2020-03-02 09:00:00 UTC",
    ]


def test_everything_about_a_task_is_shown(shell: Shell) -> None:
    shell.keep(SUM, WAITING)

    shown = shell.says(Asked(action="show", id="tsum2"))
    waits = shell.says(Asked(action="show", id="twait"))

    for line in (
        "task:         tsum2",
        'payload:      {"tool": "calculate"}',
        "attempts:     2",
        "tried again:  2020-03-02 09:01:30 UTC",
        "problem:      it was not ready",
        "chat:         telegram:-100:5",
    ):
        assert line in shown.splitlines()
    assert "result:" not in shown
    assert "waits for:    tsum2" in waits.splitlines()


@pytest.mark.parametrize("action", ["show", "cancel"])
def test_an_id_that_nothing_has_is_told(action: str, shell: Shell) -> None:
    asked = Asked(action="show" if action == "show" else "cancel", id="jnone")

    assert shell.run(asked) == (
        ExitCode.ERROR,
        "",
        "minibot: there is no jnone; `minibot tasks list --all` names all there are\n",
    )


def test_a_job_is_cancelled_with_the_task_it_made(shell: Shell) -> None:
    shell.keep(
        replace(TEA, kind=JobKind.LLM_PROMPT, in_hand=NOW),
        replace(SUM, id="tmade", job="jtea2", state=TaskState.RUNNING),
        replace(SUM, id="tgone", job="jtea2", state=TaskState.FAILED),
        SUM,
    )

    said = shell.says(Asked(action="cancel", id="jtea2"))

    assert said == "jtea2 is cancelled.\ntmade is cancelled.\n"
    states = {id_: entry.state.value for id_, entry in shell.kept().items()}
    assert states == {
        "jtea2": "cancelled", "tmade": "cancelled", "tgone": "failed", "tsum2": "queued",
    }  # fmt: skip


def test_a_task_is_cancelled_with_those_that_wait_for_it(shell: Shell) -> None:
    shell.keep(TEA, SUM, WAITING)

    said = shell.says(Asked(action="cancel", id="tsum2"))

    assert said == "tsum2 is cancelled.\ntwait is cancelled.\n"
    assert [entry.state.value for entry in shell.kept().values()] == [
        "scheduled", "cancelled", "cancelled",
    ]  # fmt: skip


def test_what_is_over_cannot_be_cancelled(shell: Shell) -> None:
    shell.keep(BUS, replace(SUM, state=TaskState.SUCCEEDED))

    job = shell.run(Asked(action="cancel", id="jbus2"))
    task = shell.run(Asked(action="cancel", id="tsum2"))

    assert job == (
        ExitCode.ERROR, "", "minibot: job jbus2 cannot become cancelled: it is done\n",
    )  # fmt: skip
    assert task[0] is ExitCode.ERROR
    assert "it is succeeded" in task[2]


def test_moving_there_and_back_keeps_everything(shell: Shell) -> None:
    many = [replace(TEA, id=f"j{number}") for number in range(MIGRATED_AT_ONCE + 1)]
    shell.keep(BUS, SUM, WAITING, *many)
    shell.keep(replace(SUM, priority=9, version=2))
    before = known(shell.kept())

    said = shell.says(Asked(action="migrate", to="sqlite"))

    assert said == (
        f"{len(before)} jobs and tasks are in {shell.data / 'tasks.db'} now. Write backend = "
        f'"sqlite" under [tasks.storage] of your configuration; {shell.data / "tasks.log"} is as '
        "it was.\n"
    )
    assert known(shell.kept("sqlite")) == known(shell.kept()) == before
    shell.use("sqlite")
    (shell.data / "tasks.log").unlink()
    shell.says(Asked(action="migrate", to="file"))
    assert known(shell.kept()) == before


def known(entries: dict[str, Entry]) -> dict[str, Entry]:
    """Leave out the number of the version, which begins anew."""
    return {id_: replace(entry, version=1) for id_, entry in entries.items()}


def test_what_was_moved_can_be_changed(shell: Shell) -> None:
    shell.keep(TEA)
    shell.keep(replace(TEA, text="Drink it cold", version=2))
    shell.says(Asked(action="migrate", to="sqlite"))
    shell.use("sqlite")

    shell.says(Asked(action="cancel", id="jtea2"))

    assert shell.kept("sqlite")["jtea2"].state is JobState.CANCELLED


def test_a_store_that_holds_something_is_not_moved_into(shell: Shell) -> None:
    shell.keep(TEA)
    shell.keep(SUM, backend="sqlite")

    code, out, err = shell.run(Asked(action="migrate", to="sqlite"))

    assert (code, out) == (ExitCode.STORAGE, "")
    assert f"{shell.data / 'tasks.db'} holds jobs and tasks already: move it away" in err
    assert [*shell.kept("sqlite")] == ["tsum2"]


def test_moving_to_where_it_is_moves_nothing(shell: Shell) -> None:
    shell.keep(TEA)

    code, out, err = shell.run(Asked(action="migrate", to="file"))

    assert (code, out) == (ExitCode.ERROR, "")
    assert "is 'file' already: there is nothing to move" in err


def test_nothing_is_moved_while_minibot_runs(shell: Shell) -> None:
    shell.keep(TEA)

    with hold_data_folder(shell.data):
        code, out, err = shell.run(Asked(action="migrate", to="sqlite"))
        listed = shell.says(Asked(action="list"))

    assert (code, out) == (ExitCode.ALREADY_RUNNING, "")
    assert str(shell.data) in err
    assert not (shell.data / "tasks.db").exists()
    assert "jtea2" in listed


def test_a_damaged_store_is_told_and_not_touched(shell: Shell) -> None:
    shell.keep(TEA, SUM)
    shell.keep(WAITING)
    path = shell.data / "tasks.log"
    damaged = path.read_bytes().replace(b"Drink", b"Drank")
    path.write_bytes(damaged)

    code, out, err = shell.run(Asked(action="list"))

    assert (code, out) == (ExitCode.STORAGE, "")
    assert f"{path} is damaged" in err
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("where", "code", "words"),
    [
        ("test", ExitCode.OK, ""),
        ("development", ExitCode.CONFIGURATION, "MINIBOT_TEST_CLOCK is set, which only"),
    ],
)
def test_the_clock_may_be_moved_in_a_test_only(
    where: str, code: ExitCode, words: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.keep(TEA)
    (shell.data / "clock").write_text("86400")
    text = shell.config.read_text().replace("[runtime]", f'[runtime]\nenvironment = "{where}"')
    shell.config.write_text(text)
    monkeypatch.setenv("MINIBOT_TEST_CLOCK", str(shell.data / "clock"))

    found, _, err = shell.run(Asked(action="cancel", id="jtea2"))

    assert found is code
    assert words in err
    moved = shell.kept()["jtea2"].updated_at - datetime.now(UTC) > timedelta(hours=23)
    assert moved is (code is ExitCode.OK)


def test_a_configuration_that_is_wrong_is_told(shell: Shell) -> None:
    shell.use("file")
    shell.config.write_text(shell.config.read_text() + "timeout = 5\n")

    code, out, err = shell.run(Asked(action="list"))

    assert (code, out) == (ExitCode.CONFIGURATION, "")
    assert "tasks.storage.timeout" in err
    assert not shell.data.exists()
