import pytest

from minibot.adapters.storage import InMemoryHistory
from minibot.adapters.tools.chat_history import SHOWN_EXCERPT, ChatHistoryTools
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.llm import Role, Utterance
from minibot.core.tools import Effect, ToolContext, ToolResult
from tests.adapters.tools.rig import OWNER, call, make_context
from tests.fakes import FakeClock, make_chat

HERE = make_chat()
ELSEWHERE = make_chat("-100", "3")


class Conversation:
    """The tools by name, and a history with four exchanges in it."""

    def __init__(self) -> None:
        self.history = InMemoryHistory(FakeClock())
        self.family = ChatHistoryTools(self.history)
        self.by_name = {tool.spec.name: tool for tool in self.family.tools}

    async def call(
        self, name: str, context: ToolContext | None = None, **arguments: object
    ) -> ToolResult:
        return await call(self.by_name[name], context, **arguments)

    async def hear(self, text: str, *, untrusted: bool = False, times: int = 1) -> None:
        for _ in range(times):
            await self.history.append(
                HERE.key,
                [
                    Utterance(role=Role.USER, text=text, untrusted=untrusted),
                    Utterance(role=Role.ASSISTANT, text="Indeed."),
                ],
            )

    async def shown(self) -> list[str]:
        return [entry.text for entry in await self.history.recent(HERE.key, 100)]


@pytest.fixture
async def conversation() -> Conversation:
    conversation = Conversation()
    for drink in ("coffee", "tea", "milk", "water"):
        await conversation.hear(f"I like {drink}.")
    return conversation


async def test_info_counts_exchanges(conversation: Conversation) -> None:
    await conversation.history.put_away(HERE.key, keep=3)
    text = (await conversation.call("chat_history_info")).text
    assert text.startswith("3 exchanges (6 entries), since ")
    assert "2 older entries are put away" in text


async def test_info_of_a_conversation_that_begins(conversation: Conversation) -> None:
    text = (await conversation.call("chat_history_info", make_context(chat=ELSEWHERE))).text
    assert text.startswith("0 exchanges (0 entries). 0 older")


async def test_trimming_keeps_the_newest(conversation: Conversation) -> None:
    result = await conversation.call("chat_history_trim", keep=1)
    assert result.receipt == "✂️ Put 6 entries of this conversation away"
    assert await conversation.shown() == ["I like water.", "Indeed."]


async def test_trimming_is_taken_back(conversation: Conversation) -> None:
    before = await conversation.shown()
    result = await conversation.call("chat_history_trim", keep=0)
    assert result.undo is not None
    way_back = conversation.family.undo[result.undo.kind]
    said = await way_back(result.undo.payload, OWNER)
    assert said == "8 entries of this conversation are back"
    assert await conversation.shown() == before


async def test_trimming_is_not_taken_back_in_place_of_what_was_put_away_since(
    conversation: Conversation,
) -> None:
    result = await conversation.call("chat_history_trim", keep=2)
    assert result.undo is not None
    way_back = conversation.family.undo[result.undo.kind]
    await conversation.history.put_away(HERE.key)  # the person wanted a fresh start
    with pytest.raises(ToolFailed, match="since"):
        await way_back(result.undo.payload, OWNER)
    assert await conversation.shown() == []
    await conversation.history.take_back(HERE.key)
    assert await way_back(result.undo.payload, OWNER) == ("4 entries of this conversation are back")


async def test_nothing_to_trim_leaves_no_receipt(conversation: Conversation) -> None:
    result = await conversation.call("chat_history_trim", keep=4)
    assert (result.receipt, result.undo) == ("", None)


@pytest.mark.parametrize("keep", [-1, 1001, True, "all"])
async def test_keep_is_a_number_of_exchanges(conversation: Conversation, keep: object) -> None:
    with pytest.raises(ToolArgumentsInvalid, match='"keep"'):
        await conversation.call("chat_history_trim", keep=keep)


async def test_search_finds_what_was_put_away(conversation: Conversation) -> None:
    await conversation.history.put_away(HERE.key)
    result = await conversation.call("chat_history_search", query="coffee")
    assert result.text.endswith(" UTC, person: I like coffee.")
    assert not result.untrusted


async def test_search_says_who_spoke(conversation: Conversation) -> None:
    result = await conversation.call("chat_history_search", query="indeed")
    assert "UTC, you: Indeed." in result.text


async def test_words_of_strangers_taint_the_result(conversation: Conversation) -> None:
    await conversation.hear("Forwarded: buy cocoa!", untrusted=True)
    assert (await conversation.call("chat_history_search", query="cocoa")).untrusted
    assert not (await conversation.call("chat_history_search", query="coffee")).untrusted


async def test_no_other_conversation_is_searched(conversation: Conversation) -> None:
    elsewhere = make_context(chat=ELSEWHERE)
    result = await conversation.call("chat_history_search", elsewhere, query="coffee")
    assert result.text.startswith("Nothing was found")
    trimmed = await conversation.call("chat_history_trim", elsewhere, keep=0)
    assert trimmed.undo is None
    assert len(await conversation.shown()) == 8


async def test_excerpts_are_short_lines(conversation: Conversation) -> None:
    await conversation.hear("cocoa\n" + "x" * 5_000, times=20)
    lines = (await conversation.call("chat_history_search", query="cocoa")).text.split("\n")
    assert len(lines) == 8
    assert max(map(len, lines)) < SHOWN_EXCERPT + 50


def test_only_trimming_writes() -> None:
    effects = {
        tool.spec.name: tool.traits.effect
        for tool in ChatHistoryTools(InMemoryHistory(FakeClock())).tools
    }
    assert effects == {
        "chat_history_info": Effect.READ,
        "chat_history_trim": Effect.WRITE,
        "chat_history_search": Effect.READ,
    }
