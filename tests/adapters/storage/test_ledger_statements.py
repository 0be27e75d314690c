"""What the end of a turn costs: each statement is time between an answer and its chat."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from minibot.adapters.storage import Storage, open_storage
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import Exchange
from minibot.core.inbox import InboxState
from minibot.core.llm import Role
from minibot.core.ports import TurnResult
from tests.contracts.storages import START, ManualClock, a_draft, admit_and_take, said


async def statements_of(storage: Storage, result: TurnResult, log: pytest.LogCaptureFixture) -> int:
    log.clear()
    await storage.ledger.finish(result, claim_first=True)
    return len([record for record in log.records if record.message == "statement"])


async def test_exchange_and_account_of_an_answer_cost_no_statement(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "data" / "minibot.db"
    async with open_storage(path, clock=ManualClock(), echo=True) as storage:
        costs = []
        for key in ("one", "two", "three"):
            item = await admit_and_take(storage, key)
            result = TurnResult(
                item=item,
                state=InboxState.DONE,
                entries=(said(key), said("answer", Role.ASSISTANT)),
                drafts=(a_draft(key),),
            )
            if key != "one":
                asked = Exchange(item=item.id, questions=(item.id,), entries=2)
                account = AnswerAccount(reference=key, answered_at=START, models=("large",))
                result = replace(result, exchange=asked, account=account)
            costs.append(await statements_of(storage, result, caplog))

    assert costs == [4, 4, 4]  # the item, two entries, a part
