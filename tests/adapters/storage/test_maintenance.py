"""What is over goes after its time; the log does not grow; statements can be watched."""

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from minibot.adapters.storage import InMemoryHistory, Storage, open_storage
from minibot.core.approvals import Refusal, Verdict
from minibot.core.inbox import InboxState
from minibot.core.ports import CallOutcome, TurnResult
from minibot.core.tools import CallState, ToolResult
from tests.contracts.storages import (
    HOMES,
    START,
    Home,
    ManualClock,
    SqliteHome,
    a_chat,
    a_draft,
    a_request,
    a_step,
    admit_and_take,
    an_arrival,
    an_undoable,
    finish,
    said,
    take,
)

DAY = 86_400


@pytest.fixture(params=HOMES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    made: Home = request.param(tmp_path)
    return made


@pytest.fixture
async def storage(home: Home) -> AsyncIterator[Storage]:
    async with home.open() as opened:
        yield opened


async def one_of_each(storage: Storage) -> None:
    """Leave a done and a dead item, a sent and a dead part; and one open item and part."""
    await finish(storage, await admit_and_take(storage, "done"))
    await finish(storage, await admit_and_take(storage, "dead"), InboxState.DEAD, "why")
    sent, dead, _ = await storage.outbox.enqueue(
        [a_draft("sent"), a_draft("dead"), a_draft("open")]
    )
    await storage.outbox.claim(sent.id)
    await storage.outbox.mark_sent(sent.id, "1")
    await storage.outbox.bury(dead.id, "blocked")
    await storage.inbox.admit([an_arrival("open")])


async def test_young_rows_are_kept(storage: Storage, home: Home) -> None:
    await one_of_each(storage)
    home.clock.advance(7 * DAY)

    assert await storage.maintenance.purge(home.clock.now()) == 0
    assert await storage.inbox.admit([an_arrival("done")]) == []
    assert await storage.outbox.enqueue([a_draft("sent")]) == []


async def test_old_rows_go_and_dead_ones_later(storage: Storage, home: Home) -> None:
    await one_of_each(storage)
    home.clock.advance(9 * DAY)

    assert await storage.maintenance.purge(home.clock.now()) == 2
    assert len(await storage.dead_letters.dead()) == 1
    assert len(await storage.outbox.dead()) == 1
    home.clock.advance(22 * DAY)
    assert await storage.maintenance.purge(home.clock.now()) == 2
    assert await storage.dead_letters.dead() == []
    assert await storage.outbox.dead() == []


async def test_open_rows_never_go(storage: Storage, home: Home) -> None:
    await one_of_each(storage)
    home.clock.advance(1000 * DAY)

    await storage.maintenance.purge(home.clock.now())

    assert (await take(storage)).message.id == "id-open"
    assert [part.key for part in await storage.outbox.waiting()] == ["open"]


async def test_ids_of_purged_rows_are_not_given_again(storage: Storage, home: Home) -> None:
    item = await admit_and_take(storage, "1")
    await finish(storage, item)
    home.clock.advance(9 * DAY)
    await storage.maintenance.purge(home.clock.now())

    assert (await admit_and_take(storage, "2")).id > item.id


async def one_turn(storage: Storage, inbox_id: int) -> None:
    """Leave what a turn with one call that was asked about and can be taken back leaves."""
    await storage.journal.add_step(inbox_id, a_step(0, "a", state=CallState.STARTED))
    button = f"t{inbox_id}"
    outcome = CallOutcome(result=ToolResult(text="done"), untrusted=False, undo=an_undoable(button))
    await storage.journal.finish(inbox_id, 0, "a", outcome)
    asked = await storage.approvals.ask(a_request(inbox_id=inbox_id))
    await storage.approvals.decide(asked.token, "7", Verdict.TASK, START)


async def left_of_turn(storage: Storage, inbox_id: int) -> list[bool]:
    """Say whether the steps, the answer to the question, and the button are still there."""
    granted = await storage.approvals.is_granted("7", "fetch", "https://example.org", inbox_id)
    button = await storage.undo_log.take(f"t{inbox_id}", "7", START)
    return [bool(await storage.journal.steps(inbox_id)), granted, button != Refusal.UNKNOWN]


async def test_what_a_turn_left_goes_when_it_is_over_and_old(storage: Storage, home: Home) -> None:
    item = await admit_and_take(storage, "1")
    await one_turn(storage, item.id)
    await finish(storage, item)
    home.clock.advance(2 * DAY)
    assert await storage.maintenance.purge(home.clock.now()) == 0
    home.clock.advance(DAY)

    # A step, its call, the question, and the button.
    assert await storage.maintenance.purge(home.clock.now()) == 4
    assert await left_of_turn(storage, item.id) == [False, False, False]


async def test_what_a_turn_left_is_kept_while_it_may_go_on(storage: Storage, home: Home) -> None:
    waiting = await admit_and_take(storage, "waiting", a_chat("1"))
    await one_turn(storage, waiting.id)
    await storage.inbox.wait(waiting.id, START, "no model answers")
    running = await admit_and_take(storage, "running", a_chat("2"))
    await one_turn(storage, running.id)
    dead = await admit_and_take(storage, "dead", a_chat("3"))
    await one_turn(storage, dead.id)
    await finish(storage, dead, InboxState.DEAD, "why")
    home.clock.advance(10 * DAY)

    # Of what is still to be done nothing goes but buttons whose time was over long ago.
    assert await storage.maintenance.purge(home.clock.now()) == 3
    for item in (waiting, running, dead):
        assert await left_of_turn(storage, item.id) == [True, True, False]
    home.clock.advance(30 * DAY)
    await storage.maintenance.purge(home.clock.now())
    assert await left_of_turn(storage, waiting.id) == [True, True, False]
    assert await left_of_turn(storage, dead.id) == [False, False, False]


async def test_question_nobody_answered_goes_after_its_time(storage: Storage, home: Home) -> None:
    asked = await storage.approvals.ask(a_request(inbox_id=99))
    home.clock.advance(3 * DAY)

    assert await storage.maintenance.purge(home.clock.now()) == 1
    assert await storage.approvals.find(asked.token) is None


async def test_permissions_and_choices_for_good_stay(storage: Storage, home: Home) -> None:
    asked = await storage.approvals.ask(a_request())
    await storage.approvals.decide(asked.token, "7", Verdict.ALWAYS, START)
    await storage.preferences.set("telegram:42", "a", "x")
    home.clock.advance(1000 * DAY)

    await storage.maintenance.purge(home.clock.now())

    assert len(await storage.approvals.grants("7")) == 1
    assert storage.preferences.get("telegram:42", "a") == "x"


async def test_more_steps_than_one_transaction_takes_are_purged(
    storage: Storage, home: Home
) -> None:
    for number in range(601):
        await storage.journal.add_step(1, a_step(number, "a", "b"))
    home.clock.advance(3 * DAY)

    assert await storage.maintenance.purge(home.clock.now()) == 3 * 601
    assert await storage.journal.steps(1) == []


async def test_message_a_part_became_is_known_after_its_contents_are_gone(
    storage: Storage, home: Home
) -> None:
    (part,) = await storage.outbox.enqueue([a_draft("sent")])
    await storage.outbox.claim(part.id)
    await storage.outbox.mark_sent(part.id, "77")
    home.clock.advance(3 * DAY)

    await storage.maintenance.purge(home.clock.now())

    assert await storage.outbox.message_id("sent") == "77"


async def test_more_rows_than_one_transaction_takes_are_purged(
    storage: Storage, home: Home
) -> None:
    await storage.inbox.admit([an_arrival(str(i), a_chat(str(i))) for i in range(601)])
    for number in range(601):
        await finish(storage, await take(storage, f"telegram:{number}"))
    home.clock.advance(9 * DAY)

    assert await storage.maintenance.purge(home.clock.now()) == 601


async def test_checkpoint_can_be_asked_for_at_any_time(storage: Storage) -> None:
    await storage.maintenance.checkpoint()
    await storage.inbox.admit([an_arrival("1")])
    await storage.maintenance.checkpoint()

    assert len(await storage.inbox.open_conversations()) == 1


async def test_contents_go_before_their_keys(tmp_path: Path) -> None:
    home = SqliteHome(tmp_path)
    async with home.open() as storage:
        await one_of_each(storage)
        home.clock.advance(3 * DAY)
        await storage.maintenance.purge(home.clock.now())
        with closing(sqlite3.connect(home.path)) as connection:
            inbox = connection.execute("SELECT key, message IS NULL, raw FROM inbox").fetchall()
            outbox = connection.execute("SELECT key, part = '' FROM outbox").fetchall()

    assert inbox == [("done", 1, ""), ("dead", 0, "{}"), ("open", 0, "{}")]
    assert outbox == [("sent", 1), ("dead", 0), ("open", 0)]


async def test_checkpoint_cuts_the_log(tmp_path: Path) -> None:
    home = SqliteHome(tmp_path)
    log = home.path.with_name("minibot.db-wal")
    async with home.open() as storage:
        await storage.inbox.admit([an_arrival(str(i)) for i in range(100)])
        assert log.stat().st_size > 0

        await storage.maintenance.checkpoint()

        assert log.stat().st_size == 0


async def test_echo_shows_statements_and_not_what_people_wrote(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="minibot.adapters.storage")
    path = tmp_path / "data" / "minibot.db"
    async with open_storage(path, clock=ManualClock(), echo=True) as storage:
        await storage.inbox.admit([an_arrival("1", text="a secret")])
        await storage.inbox.open_conversations()

    statements = [str(vars(record)["sql"]) for record in caplog.records if "sql" in vars(record)]
    assert any(text.startswith("INSERT INTO inbox") for text in statements)
    assert any(text.startswith("SELECT inbox.conversation") for text in statements)
    assert not any("a secret" in text for text in statements)


async def test_history_elsewhere_gets_what_a_turn_said_after_the_commit(tmp_path: Path) -> None:
    history = InMemoryHistory(ManualClock())
    path = tmp_path / "data" / "minibot.db"
    async with open_storage(path, clock=ManualClock(), history=history) as storage:
        item = await admit_and_take(storage, "1")
        await storage.history.append(item.conversation, [said("old")])
        result = TurnResult(
            item=item,
            state=InboxState.DONE,
            entries=(said("new"),),
            drafts=(a_draft("a"),),
            forget_history=True,
        )

        (part,) = await storage.ledger.finish(result, claim_first=False)
        await storage.outbox.move_chat(a_chat(), "-100")

        assert part.key == "a"
        assert storage.history is history
        assert await history.recent("telegram:-100", 5) == [said("new")]
        assert await history.recent("telegram:42", 5) == [said("new")]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM history").fetchone() == (0,)
