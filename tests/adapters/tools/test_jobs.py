"""The tools for jobs, as a model calls them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from minibot.adapters.channels.telegram.rendering.markup import render
from minibot.adapters.tools.agenda import AgendaTools
from minibot.adapters.tools.timing import ZONE_UNKNOWN
from minibot.core.errors import ToolArgumentsInvalid, ToolError, ToolFailed
from minibot.core.jobs import Job, JobKind, JobState, Notify, RecurrenceKind
from minibot.core.messages import SpanKind
from minibot.core.tools import Effect, ToolContext, ToolResult
from tests.adapters.tools.rig import OWNER, call, make_context, make_rig
from tests.fakes import START, make_chat

HOUR = timedelta(hours=1)
GROUP = make_context(owner=f"{OWNER}@-100", chat=make_chat("-100", "3"))
BOB = make_context(owner="telegram:7", chat=make_chat("7"))


class Diary:
    """The tools by name, and the jobs they work on."""

    def __init__(self, folder: Path) -> None:
        self.rig = make_rig(folder)
        self.clock = self.rig.clock
        self.family = AgendaTools(self.rig.supplies.planner, self.clock)
        self.by_name = {tool.spec.name: tool for tool in self.family.tools}

    async def call(
        self, name: str, context: ToolContext | None = None, **arguments: object
    ) -> ToolResult:
        return await call(self.by_name[name], context, **arguments)

    async def schedule(self, context: ToolContext | None = None, **arguments: object) -> ToolResult:
        given = {"text": "water the plants", "kind": "reminder", **arguments}
        return await self.call("schedule", context, **given)

    async def live_in(self, city: str) -> None:
        await self.rig.storage.preferences.set(OWNER, "timezone", city)

    @property
    def lives_in(self) -> str:
        return self.rig.storage.preferences.get(OWNER, "timezone")

    @property
    def jobs(self) -> list[Job]:
        return self.rig.agenda.jobs()

    @property
    def job(self) -> Job:
        (only,) = self.jobs
        return only

    async def undo(self, result: ToolResult, owner: str = OWNER) -> str:
        assert result.undo is not None
        return await self.family.undo[result.undo.kind](result.undo.payload, owner)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path)


def test_whatever_changes_something_says_so(diary: Diary) -> None:
    reading = {name for name, tool in diary.by_name.items() if tool.traits.effect is Effect.READ}
    assert reading == {"list_jobs", "list_tasks"}
    assert {tool.traits.effect for tool in diary.by_name.values()} == {Effect.READ, Effect.WRITE}


async def test_a_reminder_is_promised_in_the_persons_time(diary: Diary) -> None:
    await diary.live_in("Europe/Berlin")
    result = await diary.schedule(at="2026-11-27T18:00")
    assert diary.job.due == datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert result.receipt == (
        "📌 promised **water the plants** · due Fri 27 Nov 2026, 18:00 (Europe/Berlin)"
    )
    assert diary.job.id in result.text
    assert "Next (Europe/Berlin): Fri 27 Nov 2026, 18:00 +01:00." in result.text


async def test_a_job_belongs_to_whoever_the_context_names(diary: Diary) -> None:
    await diary.schedule(GROUP, delay_seconds=60, kind="llm_prompt", notify="on_change")
    job = diary.job
    assert (job.owner, job.person, job.chat, job.private) == (
        OWNER,
        GROUP.person,
        GROUP.chat,
        False,
    )
    assert (job.kind, job.notify) == (JobKind.LLM_PROMPT, Notify.ON_CHANGE)


async def test_what_repeats_tells_three_moments_to_the_model_and_two_to_the_person(
    diary: Diary,
) -> None:
    await diary.live_in("Europe/Berlin")
    result = await diary.schedule(cron="0 9 * * 1-5")
    assert result.receipt.endswith(
        "· due Wed 4 Mar 2026, 09:00 (Europe/Berlin) · then Thu 5 Mar 2026, 09:00"
    )
    assert 'cron "0 9 * * 1-5" in Europe/Berlin' in result.text
    assert "Wed 4 Mar 2026, 09:00 +01:00; Thu 5 Mar 2026, 09:00 +01:00; Fri 6" in result.text


async def test_a_receipt_shows_words_and_zones_as_they_are(diary: Diary) -> None:
    await diary.live_in("America/Port_of_Spain")
    result = await diary.schedule(text="feed _all_ **cats**", delay_seconds=3600)
    (part,) = render(result.receipt)
    assert part.text == (
        "📌 promised feed _all_ **cats** · due Wed 4 Mar 2026, 02:06 (America/Port_of_Spain)"
    )
    assert [span.kind for span in part.spans] == [SpanKind.BOLD]


@pytest.mark.parametrize(
    ("arguments", "due"),
    [
        ({"delay_seconds": 90}, START + timedelta(seconds=90)),
        ({"every_seconds": 3600}, START + HOUR),
        ({"at": "2026-03-04T08:00:00+02:00"}, datetime(2026, 3, 4, 6, tzinfo=UTC)),
        ({"at": "2026-03-04T08:00:00Z"}, datetime(2026, 3, 4, 8, tzinfo=UTC)),
        (
            {"every_seconds": 3600, "at": "2026-03-05T08:00Z"},
            datetime(2026, 3, 5, 8, tzinfo=UTC),
        ),
    ],
)
async def test_nobody_is_asked_for_a_zone_that_does_not_matter(
    diary: Diary, arguments: dict[str, Any], due: datetime
) -> None:
    result = await diary.schedule(**arguments)
    assert diary.job.due == due
    assert "(UTC)" in result.receipt


@pytest.mark.parametrize(
    "arguments", [{"at": "2026-03-05T08:00"}, {"cron": "0 9 * * *"}, {"cron": "FREQ=DAILY"}]
)
async def test_a_person_is_asked_once_where_they_live(
    diary: Diary, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ToolFailed) as asked:
        await diary.schedule(**arguments)
    assert str(asked.value) == ZONE_UNKNOWN
    await diary.schedule(**arguments, timezone="berlin")
    assert diary.lives_in == "Europe/Berlin"
    await diary.schedule(**arguments)
    assert {job.recurrence.zone for job in diary.jobs} == {"Europe/Berlin"}


async def test_another_zone_is_for_one_job_and_does_not_move_the_person(diary: Diary) -> None:
    await diary.live_in("Europe/Berlin")
    result = await diary.schedule(at="2026-03-05T09:00", timezone="Asia/Tokyo")
    assert diary.lives_in == "Europe/Berlin"
    assert diary.job.recurrence.zone == "Asia/Tokyo"
    assert diary.job.due == datetime(2026, 3, 5, 0, tzinfo=UTC)
    assert "due Thu 5 Mar 2026, 01:00 (Europe/Berlin)" in result.receipt


async def test_an_hour_that_does_not_exist_is_the_moment_behind_the_gap(diary: Diary) -> None:
    await diary.live_in("Europe/Berlin")
    await diary.schedule(at="2026-03-29T02:30")
    assert diary.job.due == datetime(2026, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize("rule", ["RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0", "FREQ=DAILY"])
async def test_a_rule_of_rfc_5545_is_taken_for_one(diary: Diary, rule: str) -> None:
    await diary.live_in("UTC")
    await diary.schedule(cron=rule)
    assert diary.job.recurrence.kind is RecurrenceKind.RRULE
    assert diary.job.due is not None
    assert diary.job.due.second == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "exactly one of"),
        ({"at": "", "cron": ""}, "exactly one of"),
        ({"delay_seconds": 60, "every_seconds": 60}, "exactly one of"),
        ({"every_seconds": 60, "cron": "* * * * *"}, "exactly one of"),
        ({"delay_seconds": 60, "at": "2026-03-05T08:00Z"}, "exactly one of"),
        ({"delay_seconds": 0}, '"delay_seconds" cannot be 0'),
        ({"delay_seconds": 10**15}, '"delay_seconds" cannot be'),
        ({"every_seconds": 30}, "more often than every 60 seconds"),
        ({"every_seconds": 0}, "more often than every 60 seconds"),
        ({"at": "tomorrow"}, 'must be ISO 8601 such as 2026-11-27T18:00, got "tomorrow"'),
        ({"at": "2026-11-27"}, "say the time of day"),
        ({"at": "9999-12-31T23:59:59-12:00"}, "the year cannot be 9999"),
        ({"at": "2026-03-04T05:00Z"}, "is in the past: it is Wed 4 Mar, 05:06 now"),
        ({"cron": "99 * * * *", "timezone": "UTC"}, "99"),
        ({"delay_seconds": 60, "timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"delay_seconds": 60, "text": " "}, "not said what"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_words(
    diary: Diary, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ToolArgumentsInvalid, match=words):
        await diary.schedule(**arguments)
    assert diary.jobs == []


async def test_scheduling_is_taken_back(diary: Diary) -> None:
    result = await diary.schedule(delay_seconds=60)
    assert await diary.undo(result) == "water the plants is cancelled"
    assert diary.job.state is JobState.CANCELLED
    with pytest.raises(ToolFailed, match="it is cancelled"):
        await diary.undo(result)


async def test_only_whoever_asked_for_it_takes_it_back(diary: Diary) -> None:
    result = await diary.schedule(GROUP, delay_seconds=60)
    for owner in ("telegram:7", "telegram:7@-100", f"{OWNER}@-200"):
        with pytest.raises(ToolFailed, match="there is no job"):
            await diary.undo(result, owner)
    await diary.undo(result, GROUP.owner)
    assert diary.job.state is JobState.CANCELLED


async def test_jobs_are_listed_with_their_ids(diary: Diary) -> None:
    assert (await diary.call("list_jobs")).text == "There are no jobs."
    await diary.live_in("Europe/Berlin")
    await diary.schedule(cron="0 9 * * *")
    job = diary.job
    assert (await diary.call("list_jobs")).text == (
        f'- {job.id}, reminder, scheduled, cron "0 9 * * *" in Europe/Berlin, '
        "next Wed 4 Mar 2026, 09:00 +01:00 (Europe/Berlin): water the plants"
    )
    await diary.call("update_job", id=job.id, action="pause")
    assert f"- {job.id}, reminder, paused" in (await diary.call("list_jobs")).text
    await diary.call("cancel_job", id=job.id)
    assert (await diary.call("list_jobs")).text == "There are no jobs."


async def test_long_lists_are_cut(diary: Diary) -> None:
    for number in range(52):
        await diary.schedule(delay_seconds=60 + number)
    lines = (await diary.call("list_jobs")).text.splitlines()
    assert len(lines) == 51
    assert lines[-1] == "And 2 more."


async def test_a_group_hears_nothing_of_what_was_asked_for_in_private(diary: Diary) -> None:
    await diary.schedule(delay_seconds=60)
    job_id = diary.job.id
    assert (await diary.call("list_jobs", GROUP)).text == "There are no jobs."
    for context in (GROUP, BOB):
        with pytest.raises(ToolFailed, match=f"There is no job '{job_id}'"):
            await diary.call("cancel_job", context, id=job_id)
    assert diary.job.state is JobState.SCHEDULED


async def test_a_cancelled_job_is_brought_back(diary: Diary) -> None:
    await diary.schedule(delay_seconds=60)
    result = await diary.call("cancel_job", id=f" #{diary.job.id.upper()} ")
    assert result.receipt == "🗑 cancelled **water the plants**"
    assert await diary.undo(result) == "water the plants is scheduled again"
    assert (diary.job.state, diary.job.due) == (
        JobState.SCHEDULED,
        START + timedelta(seconds=60),
    )


async def test_a_changed_job_says_so_and_is_changed_back(diary: Diary) -> None:
    await diary.schedule(delay_seconds=7200)
    before = diary.job
    result = await diary.call("update_job", id=before.id, text="feed the cat", delay_seconds=3600)
    assert result.receipt == "📌 changed **feed the cat** · due Wed 4 Mar 2026, 06:06 (UTC)"
    assert (diary.job.text, diary.job.due) == ("feed the cat", START + HOUR)
    assert await diary.undo(result) == "water the plants is as it was"
    assert (diary.job.text, diary.job.due, diary.job.recurrence) == (
        before.text,
        before.due,
        before.recurrence,
    )


async def test_what_was_changed_since_is_not_changed_back(diary: Diary) -> None:
    await diary.schedule(delay_seconds=7200)
    first = await diary.call("update_job", id=diary.job.id, text="feed the cat")
    await diary.call("update_job", id=diary.job.id, text="feed both cats")
    with pytest.raises(ToolFailed, match="changed since"):
        await diary.undo(first)
    assert diary.job.text == "feed both cats"


async def test_a_pause_is_taken_back_and_so_is_its_end(diary: Diary) -> None:
    await diary.schedule(every_seconds=3600)
    paused = await diary.call("update_job", id=diary.job.id, action="pause")
    assert paused.receipt == "⏸ paused **water the plants**"
    await diary.undo(paused)
    assert diary.job.state is JobState.SCHEDULED
    await diary.call("update_job", id=diary.job.id, action="pause")
    resumed = await diary.call("update_job", id=diary.job.id, action="resume")
    assert resumed.receipt.startswith("▶️ resumed **water the plants** · due Wed 4 Mar 2026, 06:06")
    await diary.undo(resumed)
    (still,) = diary.jobs
    assert still.state is JobState.PAUSED


async def test_a_run_cannot_be_taken_back(diary: Diary) -> None:
    await diary.schedule(every_seconds=3600)
    result = await diary.call("update_job", id=diary.job.id, action="run_now")
    assert (result.receipt, result.undo) == ("▶️ **water the plants** runs now", None)
    assert diary.job.due == START


async def test_a_rule_moves_to_another_zone(diary: Diary) -> None:
    await diary.schedule(cron="0 9 * * *", timezone="Europe/Berlin")
    await diary.call("update_job", id=diary.job.id, timezone="Asia/Tokyo")
    assert diary.job.recurrence.zone == "Asia/Tokyo"
    assert diary.job.due == datetime(2026, 3, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "not said what is to be changed"),
        ({"timezone": "Asia/Tokyo"}, "also at what time"),
        ({"delay_seconds": 60, "every_seconds": 60}, "exactly one of"),
        ({"action": "resume"}, "is not paused"),
        ({"id": "j9zzz", "action": "pause"}, "There is no job 'j9zzz'."),
    ],
)
async def test_changes_that_cannot_be_are_refused(
    diary: Diary, arguments: dict[str, Any], words: str
) -> None:
    await diary.schedule(delay_seconds=60)
    before = diary.job
    with pytest.raises(ToolError, match=words):
        await diary.call("update_job", **{"id": before.id, **arguments})
    assert diary.job == before
