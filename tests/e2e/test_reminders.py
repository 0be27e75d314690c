"""Reminders and tasks in the real process, from the words to what people read when it is time."""

from datetime import datetime
from pathlib import Path

from minibot.core.jobs import Job, JobState
from tests.e2e.planning import HOUR, Planner, planning, stored
from tests.e2e.serving import OWNER, reads, serving
from tests.e2e.talking import Talk, call, play
from tests.peers.llm import Rule


async def test_a_reminder_comes_when_it_is_due(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        play(
            installation,
            "remind me of the tea",
            call("schedule", text="Drink the tea", kind="reminder", delay_seconds=2),
            "I will.",
        )
        talk = Talk(installation, OWNER)
        answer = await talk.ask("remind me of the tea", "I will.")
        assert "📌" in answer["text"]

        said = await reads(installation, OWNER, "⏰ Drink the tea")
        assert said["t"] - answer["t"] < 10
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_nine_on_a_weekday_is_nine_by_the_clock_of_the_place(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        planner.set_time("2026-03-27T08:30:00+01:00")  # a Friday; on Sunday the clocks change
        await planner.start()
        answer = await planner.remind("the pills", cron="0 9 * * 1-5", timezone="Europe/Berlin")
        assert (
            "due Fri 27 Mar 2026, 09:00 (Europe/Berlin) · then Mon 30 Mar 2026, 09:00"
            in answer["text"]
        )
        assert (await _job(planner)).due == datetime.fromisoformat("2026-03-27T08:00:00Z")

        planner.set_time("2026-03-27T09:00:01+01:00")
        await planner.everything_due_was_said()
        assert planner.said("the pills") == ["⏰ the pills"]
        assert (await _job(planner)).due == datetime.fromisoformat("2026-03-30T07:00:00Z")

        planner.set_time("2026-03-30T08:59:00+02:00")
        await planner.everything_due_was_said()
        assert len(planner.said("the pills")) == 1
        planner.set_time("2026-03-30T09:00:01+02:00")
        await planner.everything_due_was_said()
        assert planner.said("the pills") == ["⏰ the pills"] * 2


async def test_a_question_is_put_to_the_model_when_it_is_due(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        rain = Rule.from_json({"match": r"Will it rain\?", "text": "It will not."})
        planner.installation.model.rules.append(rain)
        await planner.start()
        await planner.plan("schedule", text="Will it rain?", kind="llm_prompt", delay_seconds=HOUR)
        assert planner.said("It will not.") == []

        planner.move_clock(HOUR)
        await planner.all_over()

        assert planner.said("It will not.") == ["It will not."]
        assert (await _job(planner)).state is JobState.DONE


async def test_a_job_that_the_model_cancelled_is_not_said(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        await planner.start()
        await planner.remind("the train", delay_seconds=HOUR)
        job = await _job(planner)

        answer = await planner.have_called(call("list_jobs"), call("cancel_job", id=job.id))
        planner.move_clock(HOUR)
        await planner.everything_due_was_said()

        assert "🗑 cancelled the train" in answer["text"]
        assert planner.said("⏰ the train") == []


async def test_a_job_that_runs_at_once_runs_again_in_its_time(tmp_path: Path) -> None:
    async with planning(tmp_path) as planner:
        await planner.start()
        await planner.remind("the pills", every_seconds=HOUR)
        job = await _job(planner)

        await planner.have_called(call("update_job", id=job.id, action="run_now"))
        await planner.everything_due_was_said()
        assert planner.said("⏰ the pills") == ["⏰ the pills"]

        planner.move_clock(HOUR)
        await planner.everything_due_was_said()
        assert planner.said("⏰ the pills") == ["⏰ the pills"] * 2


async def _job(planner: Planner) -> Job:
    """Give the first job there is."""
    return next(entry for entry in await stored(planner.installation) if isinstance(entry, Job))
