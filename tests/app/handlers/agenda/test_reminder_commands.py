"""Planning reminders in the chat: what is understood, saved, asked and refused."""

from datetime import UTC, datetime, timedelta

import pytest

from minibot.app.handlers.agenda.reminder_commands import NO_ZONE, REMIND_HELP
from minibot.app.handlers.agenda.reminder_wishes import KEPT_FOR, MOST
from minibot.app.handlers.agenda.reminder_words import is_relative, read
from minibot.core.errors import ScheduleInvalid
from minibot.core.jobs import JobKind, JobState, RecurrenceKind
from minibot.core.messages import ChatRef
from tests.app.agenda.planning import Planning
from tests.app.handlers.agenda.desk import OTHER, AgendaDesk, buttons_of, labelled
from tests.fakes import START, make_chat

BERLIN = "Europe/Berlin"
GROUP = make_chat("-100")
NOT_YOURS = "This button is for somebody else."
ANSWERED = "That was answered before."


@pytest.fixture
def desk() -> AgendaDesk:
    return AgendaDesk()


async def test_without_words_it_is_explained(desk: AgendaDesk) -> None:
    assert await desk.say("/remind") == REMIND_HELP


async def test_a_delay_is_saved_at_once_and_can_be_cancelled(desk: AgendaDesk) -> None:
    answer = await desk.answer("/remind in 10m water the *plants*")
    (job,) = desk.jobs()
    assert (job.text, job.kind) == ("water the *plants*", JobKind.REMINDER)
    assert job.due == START + timedelta(minutes=10)
    assert (job.owner, job.chat, job.person.id) == ("telegram:42", make_chat(), "42")
    assert answer.markdown == "📌 **water the \\*plants\\***\nnext: Wed 4 Mar, 05:16 UTC"
    pressed = await desk.press(labelled(buttons_of(answer), "Cancel"))
    assert pressed.said == "Cancelled."
    assert desk.job(job.id).state is JobState.CANCELLED


async def test_a_turn_that_runs_again_saves_nothing_twice(desk: AgendaDesk) -> None:
    first, second = desk.context("/remind in 10m tea"), desk.context("/remind in 10m tea")
    for _ in range(2):
        await desk.handle(first)
    assert len(desk.jobs()) == 1
    await desk.clock.advance(1)
    second = desk.context("/remind in 10m tea")
    await desk.handle(second)
    assert len(desk.jobs()) == 2


async def test_a_time_is_shown_before_it_is_saved(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    answer = await desk.answer("/remind tomorrow 9:00 call Ann")
    assert answer.markdown == "⏰ **call Ann**\nThu 5 Mar, 09:00 (Europe\\/Berlin)"
    assert desk.jobs() == []
    pressed = await desk.press(labelled(buttons_of(answer), "Save"))
    (job,) = desk.jobs()
    assert job.due == datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
    assert pressed.said == "Saved."
    assert pressed.text == "📌 **call Ann**\nnext: Thu 5 Mar, 09:00"
    assert pressed.answer.drafts[0].edits == "m9"
    assert desk.planning.preferences.get("telegram:42", "wishes") == ""


async def test_what_repeats_is_shown_with_its_next_runs(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    answer = await desk.answer("/remind every mon 10:00 water the plants")
    assert answer.markdown.splitlines() == [
        "⏰ **water the plants**",
        "every Monday at 10:00 (Europe\\/Berlin)",
        "next: Mon 9 Mar, 10:00 · Mon 16 Mar, 10:00 · Mon 23 Mar, 10:00",
    ]
    await desk.press(labelled(buttons_of(answer), "Save"))
    (job,) = desk.jobs()
    assert job.recurrence.kind is RecurrenceKind.CRON
    assert job.recurrence.zone == BERLIN


async def test_an_interval_is_asked_about_wherever_one_lives(desk: AgendaDesk) -> None:
    answer = await desk.answer("/remind every 2 hours drink")
    assert "every 2 hours" in answer.markdown
    assert desk.jobs() == []
    await desk.press(labelled(buttons_of(answer), "Save"))
    (job,) = desk.jobs()
    assert job.due == START + timedelta(hours=2)


async def test_what_is_not_saved_is_dropped(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    answer = await desk.answer("/remind tomorrow 9:00 call Ann")
    pressed = await desk.press(labelled(buttons_of(answer), "Cancel"))
    assert (pressed.said, pressed.text, pressed.buttons) == (
        "Not saved.",
        "🚫 Not saved: call Ann",
        [],
    )
    assert (await desk.press(labelled(buttons_of(answer), "Save"))).said == ANSWERED
    assert desk.jobs() == []


async def test_a_second_press_saves_nothing(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    save = labelled(buttons_of(await desk.answer("/remind tomorrow 9:00 call Ann")), "Save")
    await desk.press(save)
    second = await desk.press(save)
    assert (second.said, second.answer.drafts) == (ANSWERED, ())
    assert len(desk.jobs()) == 1


async def test_a_press_that_was_saved_before_a_crash_saves_nothing_twice(
    desk: AgendaDesk,
) -> None:
    await desk.live_in(BERLIN)
    save = labelled(buttons_of(await desk.answer("/remind every mon 10:00 tea")), "Save")
    wishes = desk.planning.preferences.get("telegram:42", "wishes")
    await desk.press(save)
    await desk.planning.preferences.set("telegram:42", "wishes", wishes)
    assert (await desk.press(save)).said == "Saved."
    assert len(desk.jobs()) == 1


async def test_what_was_asked_before_a_restart_can_be_saved_behind_it(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    answer = await desk.answer("/remind tomorrow 9:00 call Ann")
    await desk.clock.advance(3600 * 20)  # it is tomorrow by now
    planning = desk.planning
    after = AgendaDesk(
        Planning(clock=planning.clock, rows=planning.rows, agenda_rows=planning.agenda_rows)
    )
    await after.press(labelled(buttons_of(answer), "Save"))
    (job,) = after.jobs()
    assert job.due == datetime(2026, 3, 5, 8, 0, tzinfo=UTC)


async def test_a_moment_that_passed_meanwhile_is_not_saved(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    save = labelled(buttons_of(await desk.answer("/remind tomorrow 9:00 call Ann")), "Save")
    await desk.clock.advance(3600 * 48)
    said = (await desk.press(save)).said
    assert said.startswith("That did not work: Thu 5 Mar, 09:00 is in the past")
    assert desk.jobs() == []


async def test_a_wish_is_forgotten_some_day(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    save = labelled(buttons_of(await desk.answer("/remind every mon 10:00 tea")), "Save")
    await desk.clock.advance(KEPT_FOR.total_seconds() + 1)
    assert (await desk.press(save)).said == ANSWERED


async def test_only_the_newest_wishes_are_kept(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    answers = [
        await desk.answer(f"/remind every mon 10:00 tea {number}") for number in range(MOST + 1)
    ]
    saves = [labelled(buttons_of(answer), "Save") for answer in answers]
    said = [(await desk.press(save)).said for save in saves]
    assert said == [ANSWERED, *(["Saved."] * MOST)]


async def test_a_wish_of_somebody_else_is_left_alone(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    answer = await desk.answer("/remind every mon 10:00 tea", chat=GROUP, private=False)
    for label in ("Save", "Cancel"):
        button = labelled(buttons_of(answer), label)
        pressed = await desk.press(button, sender_id=OTHER, chat=GROUP, private=False)
        assert pressed.said == NOT_YOURS
    assert desk.jobs() == []
    save = labelled(buttons_of(answer), "Save")
    assert (await desk.press(save, chat=GROUP, private=False)).said == "Saved."
    (job,) = desk.jobs()
    assert (job.chat, job.private) == (GROUP, False)


async def test_a_wish_under_a_name_that_was_made_up_is_not_there(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    save = labelled(buttons_of(await desk.answer("/remind every mon 10:00 tea")), "Save")
    forged = save.data.removesuffix("42") + OTHER
    assert (await desk.press(forged, sender_id=OTHER)).said == ANSWERED
    assert desk.jobs() == []


async def test_whoever_never_said_where_they_live_is_asked_and_then_it_goes_on(
    desk: AgendaDesk,
) -> None:
    asked = await desk.answer("/remind every mon 10:00 water the plants")
    assert asked.markdown == (
        "Which time zone are you in? Send `/timezone Berlin` (or any other city), and I go on "
        "with “every mon 10\\:00 water the plants”."
    )
    assert asked.buttons == ()
    answer = await desk.answer("/timezone Berlin")
    assert answer.markdown == "You live in **Europe\\/Berlin**, where it is Wed 4 Mar, 06:06."
    (draft,) = answer.drafts
    assert draft.part.text.startswith("⏰ **water the plants**\nevery Monday at 10:00")
    assert draft.chat == make_chat()
    save = labelled([button for row in draft.part.buttons for button in row], "Save")
    await desk.press(save)
    (job,) = desk.jobs()
    assert job.due == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert (await desk.answer("/timezone Paris")).drafts == ()


async def test_what_waited_in_a_group_goes_on_there(desk: AgendaDesk) -> None:
    topic = ChatRef(channel="telegram", chat_id="-100", thread_id="7")
    await desk.answer("/remind every mon 10:00 tea", chat=topic, private=False)
    (draft,) = (await desk.answer("/timezone Berlin")).drafts
    assert draft.chat == topic


async def test_what_passed_while_the_zone_was_unknown_is_dropped(desk: AgendaDesk) -> None:
    await desk.answer("/remind tomorrow 9:00 call Ann")
    await desk.clock.advance(3600 * 48)
    (draft,) = (await desk.answer("/timezone Berlin")).drafts
    assert draft.part.text.startswith("🚫 Not saved: ")
    assert "is in the past" in draft.part.text
    assert (await desk.answer("/timezone Berlin")).drafts == ()


@pytest.mark.parametrize("text", ["/remind water the plants", "/remind whenever you like"])
async def test_what_names_no_time_is_explained(desk: AgendaDesk, text: str) -> None:
    assert (await desk.say(text)).startswith("I did not understand when.\n\nTell me when")


async def test_a_time_alone_is_not_enough(desk: AgendaDesk) -> None:
    assert (await desk.say("/remind in 10m")).startswith("And what shall I say then?")


async def test_what_cannot_be_planned_is_said(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    said = await desk.say("/remind 2020-01-01 9:00 tea")
    assert said.startswith("That did not work: ")
    assert desk.jobs() == []
    assert desk.planning.preferences.get("telegram:42", "wishes") == ""


async def test_the_zone_is_shown_and_refused(desk: AgendaDesk) -> None:
    assert await desk.say("/timezone") == NO_ZONE
    assert (await desk.say("/timezone Nowhere*")).startswith(
        'That did not work: There is no time zone \\"Nowhere\\*\\"\\.'
    )
    await desk.live_in("America/New_York")
    assert await desk.say("/timezone") == (
        "You live in **America\\/New\\_York**, where it is Wed 4 Mar, 00:06."
    )


@pytest.mark.parametrize(
    ("words", "relative"),
    [
        ("in 10m tea", True),
        ("in 2 hours tea", True),
        ("every 2 hours tea", True),
        ("tomorrow 9:00 tea", False),
        ("every mon 10:00 tea", False),
        ("today 10:00 tea", False),
        ("tea", False),
    ],
)
def test_words_are_told_apart_by_whether_the_zone_matters(words: str, relative: bool) -> None:
    assert is_relative(words, START) is relative


async def test_what_is_over_elsewhere_may_be_still_to_come_here(desk: AgendaDesk) -> None:
    await desk.live_in(BERLIN)
    answer = await desk.answer("/remind today 10:00 tea")
    assert answer.markdown == "⏰ **tea**\nWed 4 Mar, 10:00 (Europe\\/Berlin)"


async def test_what_may_be_still_to_come_somewhere_waits_for_the_zone(desk: AgendaDesk) -> None:
    assert (await desk.say("/remind today 4:00 tea")).startswith("Which time zone")
    (draft,) = (await desk.answer("/timezone America/New_York")).drafts
    assert "Wed 4 Mar, 04:00" in draft.part.text


def test_what_is_over_everywhere_is_refused_without_a_zone() -> None:
    with pytest.raises(ScheduleInvalid, match="is over"):
        read("2020-01-01 9:00 tea", now=START, zone="")
