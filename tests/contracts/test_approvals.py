"""What every keeper of approvals must do."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from minibot.adapters.storage import Storage
from minibot.core.approvals import (
    Approval,
    ApprovalRequest,
    ApprovalState,
    Grant,
    Refusal,
    Verdict,
)
from tests.contracts.storages import START, Home, a_chat, a_request, an_arrival


async def decide(
    storage: Storage, verdict: Verdict, request: ApprovalRequest | None = None
) -> Approval:
    """Ask, and have the one who was asked press a button at once."""
    request = request or a_request()
    asked = await storage.approvals.ask(request)
    decided = await storage.approvals.decide(asked.token, request.person_id, verdict, START)
    assert isinstance(decided, Approval)
    return decided


async def covered(
    storage: Storage,
    *,
    person_id: str = "7",
    tool: str = "fetch",
    scope: str = "https://example.org",
    inbox_id: int = 1,
) -> bool:
    return await storage.approvals.is_granted(person_id, tool, scope, inbox_id)


async def test_question_is_kept_whole(storage: Storage) -> None:
    request = a_request(chat=a_chat("-1", "17"))

    asked = await storage.approvals.ask(request)

    assert asked == Approval(token=asked.token, request=request, state=ApprovalState.PENDING)
    assert await storage.approvals.find(asked.token) == asked
    assert await storage.approvals.find("nope") is None


async def test_tokens_are_long_and_all_different(storage: Storage) -> None:
    asked = [await storage.approvals.ask(a_request(call_id=f"0:{n}")) for n in range(20)]

    assert len({approval.token for approval in asked}) == 20
    assert all(len(approval.token) == 22 for approval in asked)


async def test_question_asked_again_is_the_same_whatever_became_of_it(storage: Storage) -> None:
    asked = await storage.approvals.ask(a_request())
    assert await storage.approvals.ask(a_request(minutes=9)) == asked

    decided = await storage.approvals.decide(asked.token, "7", Verdict.DENY, START)

    assert await storage.approvals.ask(a_request()) == decided


@pytest.mark.parametrize(
    "other",
    [
        a_request(call_id="1:c1"),
        a_request(inbox_id=2),
        replace(a_request(), arguments='{"url":"https://example.org/b"}'),
        replace(a_request(), tool="delete"),
        replace(a_request(), scope="https://example.com"),
        replace(a_request(), person_id="8"),
    ],
)
async def test_anything_else_is_another_question(storage: Storage, other: ApprovalRequest) -> None:
    await decide(storage, Verdict.ONCE)

    asked = await storage.approvals.ask(other)

    assert (asked.request, asked.state) == (other, ApprovalState.PENDING)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.ONCE, ApprovalState.APPROVED),
        (Verdict.TASK, ApprovalState.APPROVED),
        (Verdict.ALWAYS, ApprovalState.APPROVED),
        (Verdict.DENY, ApprovalState.DENIED),
    ],
)
async def test_answer_is_taken_once(
    storage: Storage, verdict: Verdict, state: ApprovalState
) -> None:
    decided = await decide(storage, verdict)

    assert (decided.state, decided.verdict) == (state, verdict)
    assert await storage.approvals.find(decided.token) == decided
    again = await storage.approvals.decide(decided.token, "7", Verdict.ALWAYS, START)
    assert again is Refusal.DECIDED
    assert await storage.approvals.find(decided.token) == decided


async def test_one_of_many_presses_at_once_counts(storage: Storage) -> None:
    asked = await storage.approvals.ask(a_request())

    answers = await asyncio.gather(
        *(storage.approvals.decide(asked.token, "7", verdict, START) for verdict in Verdict)
    )

    taken = [answer for answer in answers if isinstance(answer, Approval)]
    assert taken == [await storage.approvals.find(asked.token)]
    assert answers.count(Refusal.DECIDED) == len(answers) - 1


async def test_only_the_person_who_was_asked_may_answer(storage: Storage) -> None:
    asked = await storage.approvals.ask(a_request())

    for stranger in ("8", "", "07", "telegram:7"):
        refused = await storage.approvals.decide(asked.token, stranger, Verdict.ALWAYS, START)
        assert refused is Refusal.NOT_YOURS

    assert await storage.approvals.find(asked.token) == asked
    assert not await covered(storage)


async def test_answer_to_nothing_is_refused(storage: Storage) -> None:
    for token in ("nope", "", "\ud83d"):
        answer = await storage.approvals.decide(token, "7", Verdict.ALWAYS, START)
        assert answer is Refusal.UNKNOWN


async def test_answer_counts_until_the_time_is_over(storage: Storage) -> None:
    late, in_time = [await storage.approvals.ask(a_request(call_id=id_)) for id_ in ("a", "b")]
    end = late.request.expires_at

    refused = await storage.approvals.decide(late.token, "7", Verdict.ALWAYS, end)
    decided = await storage.approvals.decide(
        in_time.token, "7", Verdict.ONCE, end - timedelta(microseconds=1)
    )

    assert refused is Refusal.EXPIRED
    assert isinstance(decided, Approval)
    assert not await covered(storage)


async def test_moment_without_a_zone_is_refused(storage: Storage) -> None:
    naive = datetime(2026, 1, 1)
    asked = await storage.approvals.ask(a_request())

    with pytest.raises(ValueError, match="time zone"):
        await storage.approvals.decide(asked.token, "7", Verdict.ONCE, naive)
    with pytest.raises(ValueError, match="time zone"):
        await storage.approvals.ask(replace(a_request(call_id="b"), expires_at=naive))


async def test_question_that_ended_takes_no_answer(storage: Storage) -> None:
    asked = await storage.approvals.ask(a_request())

    ended = await storage.approvals.expire(asked.token)

    assert ended == replace(asked, state=ApprovalState.EXPIRED)
    answer = await storage.approvals.decide(asked.token, "7", Verdict.ALWAYS, START)
    assert answer is Refusal.EXPIRED
    assert await storage.approvals.expire("nope") is None


async def test_answer_stands_when_the_question_is_ended_afterwards(storage: Storage) -> None:
    decided = await decide(storage, Verdict.ONCE)

    assert await storage.approvals.expire(decided.token) == decided


async def test_permission_for_good_covers_one_person_tool_and_scope(storage: Storage) -> None:
    await decide(storage, Verdict.ALWAYS)

    assert await covered(storage)
    assert await covered(storage, inbox_id=99)
    assert not await covered(storage, person_id="8")
    assert not await covered(storage, tool="delete")
    assert not await covered(storage, scope="https://example.org.evil")
    assert not await covered(storage, scope="")


async def test_permission_for_a_task_covers_its_turn_alone(storage: Storage) -> None:
    await decide(storage, Verdict.TASK)

    assert await covered(storage)
    assert not await covered(storage, inbox_id=2)
    assert not await covered(storage, person_id="8")
    assert not await covered(storage, tool="delete")
    assert not await covered(storage, scope="https://example.com")
    assert await storage.approvals.grants("7") == []


@pytest.mark.parametrize("verdict", [Verdict.ONCE, Verdict.DENY])
async def test_other_answers_cover_nothing_more(storage: Storage, verdict: Verdict) -> None:
    await decide(storage, verdict)

    assert not await covered(storage)
    assert await storage.approvals.grants("7") == []


async def test_grants_are_listed_and_revoked_by_their_person_alone(
    storage: Storage, home: Home
) -> None:
    await decide(storage, Verdict.ALWAYS)
    await decide(storage, Verdict.ALWAYS, replace(a_request(inbox_id=2), tool="delete"))
    await decide(storage, Verdict.ALWAYS, replace(a_request(inbox_id=3), person_id="8"))

    first, second = await storage.approvals.grants("7")

    assert first == Grant(
        id=first.id, tool="fetch", scope="https://example.org", granted_at=home.clock.now()
    )
    assert second.tool == "delete"
    assert not await storage.approvals.revoke("8", first.id)
    assert await storage.approvals.revoke("7", first.id)
    assert not await storage.approvals.revoke("7", first.id)
    assert await storage.approvals.grants("7") == [second]
    assert not await covered(storage)
    assert await covered(storage, person_id="8")
    assert await storage.approvals.grants("9") == []


async def test_same_permission_given_twice_is_one(storage: Storage) -> None:
    await decide(storage, Verdict.ALWAYS)
    await decide(storage, Verdict.ALWAYS, a_request(inbox_id=2))

    assert len(await storage.approvals.grants("7")) == 1


async def test_id_of_a_revoked_grant_is_not_given_again(storage: Storage) -> None:
    await decide(storage, Verdict.ALWAYS)
    (first,) = await storage.approvals.grants("7")
    await storage.approvals.revoke("7", first.id)

    await decide(storage, Verdict.ALWAYS, a_request(inbox_id=2))

    (second,) = await storage.approvals.grants("7")
    assert second.id > first.id


async def test_next_process_knows_questions_and_permissions(home: Home) -> None:
    async with home.open() as dying, home.open() as next_one:
        await decide(dying, Verdict.ALWAYS)
        await decide(dying, Verdict.TASK, replace(a_request(call_id="b"), tool="delete"))
        pending = await dying.approvals.ask(a_request(call_id="c"))

        assert await covered(next_one, inbox_id=5)
        assert await covered(next_one, tool="delete")
        assert await next_one.approvals.find(pending.token) == pending
        assert await next_one.approvals.ask(a_request(call_id="c")) == pending


async def test_open_question_moves_with_its_chat(storage: Storage) -> None:
    old = a_chat("-1", "17")
    await storage.inbox.admit([an_arrival("1", old)])
    pending = await storage.approvals.ask(a_request(call_id="a", chat=old))
    other = await storage.approvals.ask(a_request(call_id="b", chat=a_chat("-11")))

    await storage.outbox.move_chat(old, "-100")

    moved = replace(pending, request=replace(pending.request, chat=a_chat("-100", "17")))
    assert await storage.approvals.find(pending.token) == moved
    assert await storage.approvals.find(other.token) == other
    late = await storage.approvals.ask(a_request(call_id="c", chat=old))
    assert late.request.chat == a_chat("-100", "17")
