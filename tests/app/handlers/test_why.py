"""/why: how the last answer of a chat came about."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.commands import Commands
from minibot.app.handlers.why import WhyCommand
from minibot.app.incognito import Incognito
from minibot.app.pipeline import compose
from minibot.core.account import AnswerAccount
from minibot.core.inbox import InboxState
from minibot.core.llm import Usage
from minibot.core.ports import TurnResult
from minibot.core.texts import ENGLISH, LANGUAGES
from tests.app.rig import Rig, say_done
from tests.app.turn_context import make_context
from tests.contracts.storages import admit_and_take

ACCOUNT = AnswerAccount(
    reference="m12",
    answered_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    models=("openai/a", "openai/a", "claude/b"),
    tools=("calculate", "note_save", "calculate"),
    usage=Usage(input_tokens=1_234, output_tokens=56, cached_tokens=1_000),
    cost=0.25,
    first_seconds=0.51,
    seconds=2.5,
    exchanges=4,
    facts=2,
    summary=True,
)
TOLD = """\
🔎 **My last answer here** (2026-01-02 03:04 UTC, reference `m12`)

- Model: `openai/a` ×2, `claude/b`
- Tools: `calculate` ×2, `note_save`
- Tokens: 1,234 in, of these 1,000 from the cache; 56 out
- Cost: 0.25
- Time: 0.5 s to the first sign of the model, 2.5 s in all
- Shown to the model from before: exchanges 4, notes 2, a summary: yes, \
instructions of this chat: no"""


class Asking:
    """The command, in one chat."""

    def __init__(self) -> None:
        self.storage = storage = Rig().storage
        self.incognito = Incognito(storage.preferences)
        self.chats = ChatSettingsBook(storage.preferences)
        command = WhyCommand(outcomes=storage.outcomes, chats=self.chats, incognito=self.incognito)
        self._handle = compose(say_done, [Commands(command.commands())])

    async def keep(self, account: AnswerAccount) -> None:
        item = await admit_and_take(self.storage, account.reference)
        result = TurnResult(item=item, state=InboxState.DONE, account=account)
        await self.storage.ledger.finish(result, claim_first=False)

    async def why(self) -> str:
        return (await self._handle(make_context("/why"))).markdown


@pytest.fixture
def asking() -> Asking:
    return Asking()


async def test_everything_known_is_told(asking: Asking) -> None:
    await asking.keep(ACCOUNT)
    assert await asking.why() == TOLD


async def test_what_is_not_known_is_said_not_to_be(asking: Asking) -> None:
    await asking.keep(replace(ACCOUNT, cost=None, first_seconds=None, tools=()))
    told = await asking.why()
    assert ENGLISH.why_no_price in told
    assert "Time: 2.5 s in all" in told
    assert "Tools: none" in told


@pytest.mark.parametrize(("cost", "said"), [(0.0, "0"), (0.000_012, "0.000012"), (120.0, "120")])
async def test_cost_is_told_as_a_plain_number(asking: Asking, cost: float, said: str) -> None:
    await asking.keep(replace(ACCOUNT, cost=cost))
    assert f"- Cost: {said}\n" in await asking.why()


async def test_before_the_first_answer_there_is_nothing_to_tell(asking: Asking) -> None:
    assert await asking.why() == ENGLISH.why_nothing


async def test_the_last_answer_is_told_of(asking: Asking) -> None:
    await asking.keep(replace(ACCOUNT, reference="m11"))
    await asking.keep(ACCOUNT)
    assert await asking.why() == TOLD


async def test_incognito_tells_nothing_of_before(asking: Asking) -> None:
    await asking.keep(ACCOUNT)
    await asking.incognito.switch("telegram:42", on=True)
    assert await asking.why() == ENGLISH.why_incognito


async def test_it_is_told_in_the_language_of_the_chat(asking: Asking) -> None:
    await asking.keep(ACCOUNT)
    await asking.chats.change("telegram:42", language="ru")
    assert LANGUAGES["ru"].why_cost.format(cost="0.25") in await asking.why()
