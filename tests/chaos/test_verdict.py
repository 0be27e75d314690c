"""The judge must see what went wrong, or a run proves nothing."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.chaos.verdict import (
    Evidence,
    Seen,
    Submission,
    failed_chains,
    judge,
    submissions,
)
from tests.crash.load import Sent

NOTICE = "⏳ Later. (reference m1)"
APOLOGY = "⚠️ Never. (reference m1)"


def _seen(at: float, text: str, chat_id: int = 1) -> Seen:
    return Seen(chat_id=chat_id, text=text, at=at)


def _asked(at: float, token: str, fault: str = "", *, number: int = 0) -> Submission:
    return Submission(token=token, round=number, at=at, fault=fault, outcome="ok")


FAILED = [_asked(at, "rid1end", "hang") for at in (1.0, 2.0, 3.0)]
ANSWERED = [
    _asked(5.0, "rid1end"),
    _asked(6.0, "rid1end", "html", number=1),
    _asked(6.5, "rid1end", number=1),
    _asked(8.0, "rid2end"),
]
GOOD = Evidence(
    sent=[
        Sent(chat_id=1, number=1, token="rid1end"),
        Sent(chat_id=1, number=2, token="rid2end"),
    ],
    references={"rid1end": "m1", "rid2end": "m2"},
    rounds={"rid1end": 2, "rid2end": 1},
    seen=[_seen(4.0, NOTICE), _seen(7.0, "ack1end"), _seen(9.0, "ack2end")],
    submissions=[*FAILED, *ANSWERED],
    failed_chains={"m1": [3.5]},
    surprises=(),
)


def test_what_went_well_passes() -> None:
    verdict = judge(GOOD)
    assert verdict.faults == {name: [] for name in verdict.faults} | {
        "unanswered": (),
        "surprises": (),
    }
    assert verdict.passed
    assert (verdict.turns, verdict.submitted, verdict.failed) == (2, 7, 4)
    assert (verdict.chains, verdict.longest_chain) == (4, 3)
    assert (verdict.put_off, verdict.notices) == (1, 1)


def _with_seen(*seen: Seen) -> Evidence:
    return replace(GOOD, seen=seen)


def _with_submissions(*more: Submission) -> Evidence:
    every: Sequence[Submission] = [*GOOD.submissions, *more]
    return replace(GOOD, submissions=sorted(every, key=lambda each: each.at))


@pytest.mark.parametrize(
    ("fault", "bad"),
    [
        ("unanswered", _with_seen(*GOOD.seen[:2])),
        ("twice", _with_seen(*GOOD.seen, _seen(9.5, "ack2end"))),
        ("too_many_notices", _with_seen(_seen(3.9, NOTICE), *GOOD.seen)),
        ("too_many_notices", _with_seen(*GOOD.seen[1:], _seen(9.5, NOTICE))),
        ("strange", _with_seen(*GOOD.seen, _seen(9.5, "Traceback"))),
        ("strange", _with_seen(*GOOD.seen, _seen(9.5, "⏳ (reference m7)"))),
        ("strange", _with_submissions(_asked(4.2, ""))),
        ("long_chains", _with_submissions(_asked(3.4, "rid1end", "hang"))),
        ("long_chains", replace(GOOD, failed_chains={})),
        ("billed_twice", _with_submissions(_asked(5.5, "rid1end", "hang"))),
        ("billed_twice", _with_submissions(_asked(7.5, "rid1end", "hang", number=2))),
        ("unaccounted", replace(GOOD, submissions=[*FAILED, *ANSWERED[:2], ANSWERED[3]])),
        ("surprises", replace(GOOD, surprises=["the process died"])),
    ],
)
def test_what_went_wrong_does_not_pass(fault: str, bad: Evidence) -> None:
    verdict = judge(bad)
    assert [name for name, found in verdict.faults.items() if found] == [fault]
    assert not verdict.passed
    assert "FAILED" in verdict.table()
    assert f"  {fault}: " in verdict.details()


def test_answers_out_of_order_do_not_pass() -> None:
    verdict = judge(_with_seen(_seen(6.9, "ack2end"), *GOOD.seen[:2]))
    assert verdict.disorder == 1
    assert not verdict.passed


def test_an_apology_is_an_answer_and_a_rare_one() -> None:
    given_up = replace(GOOD, seen=[_seen(4.0, NOTICE), _seen(7.0, APOLOGY), _seen(9.0, "ack2end")])
    verdict = judge(replace(given_up, submissions=[*FAILED, ANSWERED[3]]))
    assert verdict.given_up == ["rid1end"]
    assert not any(verdict.faults.values())
    assert not verdict.passed
    assert replace(verdict, turns=100).passed


def test_an_apology_beside_an_answer_does_not_pass() -> None:
    verdict = judge(_with_seen(*GOOD.seen, _seen(9.5, APOLOGY)))
    assert verdict.twice == ["rid1end"]
    assert not verdict.passed


def test_the_ledger_is_read_with_what_was_done_to_each_question() -> None:
    record = {"tokens": ["rid1end"], "round": 1, "t_start": 2.0, "outcome": "ok"}
    records = [record, {**record, "fault": "empty"}, {"t_start": 3.0, "outcome": "error 503"}]
    read = submissions(records, since=100.0)
    assert [(each.token, each.round, each.at) for each in read] == [
        ("rid1end", 1, 102.0),
        ("rid1end", 1, 102.0),
        ("", 0, 103.0),
    ]
    assert [each.answered for each in read] == [True, False, False]


def test_the_log_tells_when_a_question_was_given_up() -> None:
    line = {"time": "1970-01-01T00:00:02.500Z", "message": "a model failed", "request_id": "m1"}
    other = {**line, "message": "what a model failed at"}
    log = "\n".join((json.dumps(line), json.dumps(other), "INFO plain words"))
    assert failed_chains(log) == {"m1": [pytest.approx(2.501)]}
