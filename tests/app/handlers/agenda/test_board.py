"""The board: which entries are on it, and how its pages are turned."""

from typing import Any

from minibot.app.handlers.agenda.board import PAGE, belongs, board_card
from minibot.app.handlers.agenda.cards import Card
from minibot.app.handlers.agenda.presses import Place, View
from minibot.core.jobs import JobState
from minibot.core.planning import Planned
from minibot.core.tasks import Task, TaskState
from tests.app.agenda.planning import make_job, make_task
from tests.fakes import START

BERLIN = "Europe/Berlin"


def planned(**fields: Any) -> Planned:
    job = make_job(**fields)
    return Planned(job=job, upcoming=(job.due,) if job.due else ())


def test_a_board_lists_entries_and_opens_them() -> None:
    paused = planned(job_id="j2xyz", state=JobState.PAUSED)
    card = board_card(
        [planned(text="a *b*\n c"), paused, make_task()],
        Place(),
        person_id="42",
        zone=BERLIN,
        now=START,
    )
    assert card.markdown.splitlines() == [
        "**All** (3)",
        "",
        "1\\. ⏰ a \\*b\\* c · Wed 4 Mar, 06:06 · `j2abc`",
        "2\\. ⏸ water the plants · paused · `j2xyz`",
        "3\\. 🕓 read the news · queued · `t2abc`",
    ]
    opening, views, more = card.buttons
    assert [(button.label, button.data) for button in opening] == [
        ("1", "tb:a1:j2abc:42"),
        ("2", "tb:a1:j2xyz:42"),
        ("3", "tb:a1:t2abc:42"),
    ]
    assert [(button.label, button.data) for button in (*views, *more)] == [
        ("• All", "tb:a1::42"),
        ("Reminders", "tb:r1::42"),
        ("Tasks", "tb:t1::42"),
        ("Done", "tb:d1::42"),
        ("Failed", "tb:f1::42"),
    ]


def test_a_board_has_pages() -> None:
    entries = [make_task(f"t{number}") for number in range(2 * PAGE + 1)]

    def page(number: int) -> Card:
        place = Place(view=View.TASKS, page=number)
        return board_card(entries, place, person_id="42", zone="", now=START)

    assert "6\\. 🕓" in page(2).markdown
    assert [(button.label, button.data) for button in page(2).buttons[1]] == [
        ("‹", "tb:t1::42"),
        ("2/3", "tb:t2::42"),
        ("›", "tb:t3::42"),
    ]
    assert [button.label for button in page(3).buttons[0]] == ["11"]
    assert page(9) == page(3)


def test_an_empty_board_says_how_to_fill_it() -> None:
    card = board_card([], Place(), person_id="42", zone="", now=START)
    assert "`/remind tomorrow 9:00 water the plants`" in card.markdown
    assert len(card.buttons) == 2


def test_every_entry_is_in_its_views() -> None:
    entries: dict[str, Planned | Task] = {
        "scheduled": planned(),
        "done job": planned(state=JobState.DONE),
        "failed job": planned(state=JobState.FAILED),
        "cancelled": planned(state=JobState.CANCELLED),
        "queued": make_task(),
        "succeeded": make_task(state=TaskState.SUCCEEDED),
        "blocked": make_task(state=TaskState.BLOCKED),
    }
    found = {
        name: [view.name for view in View if belongs(shown, view)]
        for name, shown in entries.items()
    }
    assert found == {
        "scheduled": ["ALL", "REMINDERS"],
        "done job": ["DONE"],
        "failed job": ["FAILED"],
        "cancelled": [],
        "queued": ["ALL", "TASKS"],
        "succeeded": ["DONE"],
        "blocked": ["FAILED"],
    }
