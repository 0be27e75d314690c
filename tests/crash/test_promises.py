"""The judge of promises must see what went wrong."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from minibot.core.jobs import Job, JobKind, JobState, Recurrence, RecurrenceKind
from minibot.core.messages import ChatRef, Person
from minibot.core.tasks import Task, TaskState
from tests.crash.load import Sent
from tests.crash.promises import Promises, Remains, Told, examine, still_open
from tests.crash.wishes import WISHES, rules

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHAT = ChatRef(channel="telegram", chat_id="7")

JOB = Job(
    id="j1",
    owner="telegram:7",
    person=Person(id="7"),
    chat=CHAT,
    private=True,
    kind=JobKind.REMINDER,
    text="mem1end",
    recurrence=Recurrence(kind=RecurrenceKind.ONCE, start=NOW, zone="UTC"),
    state=JobState.DONE,
    due=None,
    created_at=NOW,
    updated_at=NOW,
)
TASK = Task(
    id="t1",
    owner="telegram:7",
    person=Person(id="7"),
    chat=CHAT,
    private=True,
    kind="reminder",
    description="mem2end",
    state=TaskState.SUCCEEDED,
    reported=True,
    created_at=NOW,
    updated_at=NOW,
)
LATER = replace(JOB, id="j3", text="mem3end", state=JobState.CANCELLED)

SENT = [
    Sent(chat_id=7, number=1, token="rid1end", errand="remind"),
    Sent(chat_id=7, number=2, token="rid2end", errand="say"),
    Sent(chat_id=8, number=1, token="rid3end", errand="later"),
    Sent(chat_id=8, number=2, token="rid4end", errand="forget"),
]
GIVEN_UP = {"rid3end": "rid4end"}
TOLD = [
    (7, "ack1end\n\n📌 promised mem1end · due Mon 2 Mar, 09:00 (UTC)"),
    (7, "⏰ mem1end"),
    (7, "ack2end\n\n📌 promised mem2end · in the background"),
    (7, "✅ mem2end\n\nIt is time."),
    (8, "ack3end\n\n📌 promised mem3end · due Mon 2 Mar, 09:00 (UTC)"),
    (8, "⏳ 0 of 2 done · now: mem2end (0:00)"),
    (7, "✅ mem2end (0:07)"),
    (8, "ack4end\n\n🗑 cancelled mem3end"),
    (7, "Back after at least 1 s: 2 messages answered late."),
]
REMAINS = Remains(
    entries=[JOB, TASK, LATER],
    listed="j1 t1 j3",
    unfinished=[],
    parts=[text for _, text in TOLD],
)


def judged(
    told: list[tuple[int, str]] = TOLD, remains: Remains = REMAINS, refused: list[str] | None = None
) -> Promises:
    said = [Told(place=n, chat_id=chat_id, text=text) for n, (chat_id, text) in enumerate(told)]
    return examine(5, SENT, GIVEN_UP, said, remains, refused=refused or [])


def faults(promises: Promises) -> list[str]:
    assert not promises.passed
    assert "FAILED" in promises.table()
    return [name for name, found in promises.faults.items() if found]


def without(text: str) -> list[tuple[int, str]]:
    kept = [each for each in TOLD if each[1] != text]
    assert len(kept) == len(TOLD) - 1
    return kept


def test_promises_that_were_kept_pass() -> None:
    promises = judged()

    assert promises.passed, promises.details()
    assert (promises.wanted, promises.promised, promises.cancelled) == (3, 3, 1)
    assert (promises.kept, promises.repeats, promises.in_doubt) == (2, 0, 0)
    assert promises.table().splitlines()[1].endswith("ok")
    assert promises.details() == ""


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (without("⏰ mem1end"), "lost"),
        (without("✅ mem2end\n\nIt is time."), "lost"),
        ([*TOLD, (8, "⏰ mem3end")], "after_all"),
        ([*TOLD, (7, "⏰ mem5end")], "unasked"),
        ([*TOLD, (7, "Sorry, something broke.")], "unasked"),
        ([*without("⏰ mem1end"), (8, "⏰ mem1end")], "astray"),
        ([*without("⏰ mem1end"), (7, "⚠️ mem1end\n\nIt failed.")], "astray"),
    ],
    ids=[
        "a reminder is lost",
        "a report is lost",
        "said after it was cancelled",
        "said without being wanted",
        "an apology",
        "said to somebody else",
        "said in other words",
    ],
)
def test_what_people_should_not_see_is_seen(told: list[tuple[int, str]], fault: str) -> None:
    assert faults(judged(told)) == [fault]


@pytest.mark.parametrize(
    ("remains", "fault"),
    [
        (replace(REMAINS, entries=[TASK, LATER]), "missing"),
        (replace(REMAINS, entries=[replace(JOB, in_hand=NOW), TASK, LATER]), "open"),
        (replace(REMAINS, unfinished=["inbox 3 is received"]), "open"),
        (replace(REMAINS, parts=[*REMAINS.parts, "⏰ mem1end"]), "doubled"),
        (replace(REMAINS, listed="j1 j3"), "unlisted"),
        (replace(REMAINS, listed=""), "unlisted"),
    ],
    ids=["not stored", "in hand", "in line", "fired twice", "not listed", "no list"],
)
def test_what_is_left_and_should_not_be_is_seen(remains: Remains, fault: str) -> None:
    assert faults(judged(remains=remains)) == [fault]


def test_a_conversation_that_the_model_refused_is_seen() -> None:
    assert faults(judged(refused=["a result is missing"])) == ["refused"]


def test_repeats_are_let_pass_up_to_a_number() -> None:
    again = (7, "⏰ mem1end")
    few, many = judged([*TOLD, again, again]), judged([*TOLD, *[again] * 6])

    assert (few.repeats, few.passed) == (2, True)
    assert (many.repeats, many.passed) == (6, False)


def test_what_nobody_was_told_of_is_no_promise() -> None:
    told = [each for each in TOLD if "mem1end" not in each[1] and "🗑" not in each[1]]

    promises = judged([*told, (7, "ack1end, and I do not know"), (8, "ack4end")])

    assert promises.passed, promises.details()
    assert (promises.promised, promises.cancelled, promises.in_doubt) == (2, 0, 2)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (replace(JOB, state=JobState.SCHEDULED, due=NOW), "job j1 waits"),
        (replace(TASK, state=TaskState.RUNNING), "task t1 is running"),
        (replace(TASK, reported=False), "task t1 is not reported"),
        (replace(TASK, state=TaskState.CANCELLED, reported=False), ""),
        (JOB, ""),
    ],
)
def test_what_is_still_to_come_is_named(entry: Job | Task, words: str) -> None:
    assert still_open(entry) == words


def test_every_wish_has_a_rule_that_makes_the_model_do_it() -> None:
    scripts = rules()
    for wish in WISHES.values():
        target = "mem3end " if wish.gives_up else ""
        text = f"Wish {wish.name} 2 {target}rid5end"
        (rule,) = (rule for rule in scripts if rule.match.search(text))
        assert [step.tool_calls for step in rule.steps] == [*([call] for call in wish.steps), []]
        values = rule.values_of(text)
        assert (values["core"], values["delay"]) == ("5end", "2")
        assert values["target"] == ("3end" if wish.gives_up else "")
        assert "{memo}" not in json.dumps(wish.steps)
