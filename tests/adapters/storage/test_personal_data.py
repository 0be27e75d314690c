"""What is erased is gone from the disk."""

from dataclasses import replace
from pathlib import Path

from minibot.adapters.storage import Storage, open_storage
from minibot.core.inbox import InboxItem, InboxState
from minibot.core.llm import Role
from minibot.core.messages import Part
from minibot.core.personal import Summary
from minibot.core.ports import TurnResult
from tests.contracts.storages import (
    ManualClock,
    a_chat,
    a_draft,
    a_request,
    a_step,
    an_arrival,
    an_undoable,
    said,
    take,
)

PRIVATE = a_chat("7")
WORD = "zebra"


async def leave_traces(storage: Storage) -> None:
    """Have a word written wherever words of people are."""
    arrival = an_arrival("1", PRIVATE, text=f"a {WORD}")
    await storage.inbox.admit([replace(arrival, raw=f'{{"text": "{WORD}"}}')])
    item = await take(storage, PRIVATE.key)
    await storage.journal.add_step(item.id, replace(a_step(0, "c1"), text=WORD))
    request = replace(a_request(inbox_id=item.id, chat=PRIVATE), arguments=f'"{WORD}"')
    await storage.approvals.ask(request)
    await storage.undo_log.add(replace(an_undoable(), label=WORD))
    await storage.preferences.set(PRIVATE.key, "persona", WORD)
    await answer(storage, item)
    backlog = await storage.history.unsummarised(PRIVATE.key, keep=0, limit=9)
    summary = Summary(text=WORD, through=backlog.through, untrusted=False)
    await storage.history.summarise(PRIVATE.key, summary)
    await storage.history.put_away(PRIVATE.key)
    await storage.history.search(PRIVATE.key, WORD, 1)


async def answer(storage: Storage, item: InboxItem) -> None:
    draft = replace(a_draft("d", PRIVATE), inbox_id=item.id, part=Part(text=WORD))
    result = TurnResult(
        item=item,
        state=InboxState.DEAD,
        entries=(said(f"a {WORD}"), said(f"no {WORD}", Role.ASSISTANT)),
        drafts=(draft,),
        problem=f"no such {WORD}",
    )
    (part,) = await storage.ledger.finish(result, claim_first=True)
    await storage.outbox.mark_sent(part.id, "1")


def holding(folder: Path) -> list[str]:
    """Name the files that hold the word."""
    return [each.name for each in folder.iterdir() if WORD.encode() in each.read_bytes()]


async def test_no_file_holds_what_was_erased(tmp_path: Path) -> None:
    path = tmp_path / "data" / "minibot.db"
    async with open_storage(path, clock=ManualClock()) as storage:
        await leave_traces(storage)
    assert holding(path.parent)

    async with open_storage(path, clock=ManualClock()) as storage:
        await storage.personal_data.erase("telegram", "7")

    assert not holding(path.parent)
