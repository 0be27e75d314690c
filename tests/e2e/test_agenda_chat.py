"""Planning in the chat: words in five languages, every button of a reminder, and whose they are."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from minibot.adapters.storage.agenda import open_agenda
from minibot.core.jobs import Job, JobState
from tests.e2e.process import Installation
from tests.e2e.serving import GUEST, OWNER, edit, serving
from tests.e2e.talking import Talk, call, play

BERLIN = ZoneInfo("Europe/Berlin")
GROUP = -1001
REFUSED = "This button is for somebody else."


async def planned(installation: Installation) -> dict[str, Job]:
    """Read what is on the disk, as another process would; by its text."""
    path = installation.data / "tasks.log"
    async with open_agenda(backend="file", path=path, lock_timeout_ms=5_000) as store:
        return {job.text: job for job in await store.load() if isinstance(job, Job)}


async def settled(installation: Installation, text: str, *states: JobState) -> Job:
    while True:
        job = (await planned(installation)).get(text)
        if job is not None and job.state in states and job.in_hand is None:
            return job
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "text", "hour"),
    [
        ("tomorrow 9:00 call Ann", "call Ann", 9),
        ("morgen um 10 Uhr Oma anrufen", "Oma anrufen", 10),
        ("mañana a las 8 comprar pan", "comprar pan", 8),
        ("завтра в 9 утра позвонить маме", "позвонить маме", 9),
        ("明天9点 开会", "开会", 9),
    ],
    ids=["English", "German", "Spanish", "Russian", "Chinese"],
)
async def test_plain_words_become_the_right_moment(
    tmp_path: Path, words: str, text: str, hour: int
) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        talk = Talk(installation, OWNER)
        await talk.ask(f"/remind {words}", "Which time zone are you in?")
        card = await talk.ask("/timezone berlin", "⏰")
        today = datetime.now(BERLIN).date()

        assert await talk.press(card, "💾 Save") == "Saved."

        job = (await planned(installation))[text]
        tomorrow = today + timedelta(days=1)
        wall = datetime(tomorrow.year, tomorrow.month, tomorrow.day, hour, tzinfo=BERLIN)
        assert job.due == wall.astimezone(UTC)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_the_model_plans_with_the_zone_it_was_told(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        at = "2030-07-01T09:00:00"
        play(
            installation,
            "wake me",
            call("schedule", text="Wake up", kind="reminder", at=at),
            call("schedule", text="Wake up", kind="reminder", at=at, timezone="Berlin"),
            "Done: {last_result}",
        )
        talk = Talk(installation, OWNER)
        answer = await talk.ask("wake me", "Done:")

        assert "📌 promised Wake up" in answer["text"]
        assert "Mon 1 Jul 2030, 09:00" in answer["text"]
        job = (await planned(installation))["Wake up"]
        assert job.due == datetime(2030, 7, 1, 7, tzinfo=UTC)
        await talk.press(answer, "↩️ Undo")
        await settled(installation, "Wake up", JobState.CANCELLED)
        assert await minibot.stop() == 0


async def test_every_button_of_a_reminder_works_for_its_person_and_for_nobody_else(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as installation:
        edit(installation, {"channels.telegram": {"allowed_chat_ids": [GROUP]}})
        minibot = await installation.start()
        await minibot.listening()
        talk = Talk(installation, GUEST, GROUP, name="Gus")
        # In the same group, one after the other: each card is pressed by another person first.
        for text, label, said in (
            ("stretch", "💤 10 m", "snoozed until"),
            ("drink", "💤 1 h", "snoozed until"),
            ("walk", "💤 Tomorrow", "snoozed until"),
            ("sleep", "✔ Done", "done"),
        ):
            await talk.ask(f"/remind in 1s {text}", "📌")
            card = (await talk.shown(f"⏰ Gus: {text}"))[-1]

            assert await talk.press(card, label, by=OWNER) == REFUSED
            await settled(installation, text, JobState.DONE)
            await talk.press(card, label)
            (edited,) = await talk.shown(said, method="editMessageText")
            assert edited["message_id"] == card["message_id"]
            wanted = JobState.DONE if label == "✔ Done" else JobState.SCHEDULED
            assert (await planned(installation))[text].state is wanted
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_the_board_and_the_shell_show_and_cancel(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        talk = Talk(installation, OWNER)
        await talk.ask("/remind in 2h call Ann", "📌")
        await talk.ask("/remind in 3h call Bob", "📌")
        board = await talk.ask("/tasks", "call Bob")
        assert "1. ⏰ call Ann" in board["text"]

        await talk.press(board, "1")
        (card,) = await talk.shown("reminder · scheduled", method="editMessageText")
        for label, shown in (("Pause", "paused"), ("Resume", "scheduled"), ("Why", "Asked for")):
            talk.look_from_here()
            await talk.press(card, label)
            (card,) = await talk.shown(shown, method="editMessageText")

        jobs = await planned(installation)
        command = [sys.executable, "-m", "minibot", "tasks", "cancel", jobs["call Bob"].id]
        done = await asyncio.to_thread(
            subprocess.run,
            [*command, "--config", str(installation.config)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"{jobs['call Bob'].id} is cancelled.\n"
        # The process finds that out by itself, at its next look.
        while "call Bob" in (await talk.ask("/tasks", "call Ann"))["text"]:
            pass
        assert await minibot.stop() == 0
