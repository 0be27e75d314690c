"""The offline responder is honest, helpful and always the same."""

import pytest

from minibot.adapters.llm.offline import OfflineModel
from minibot.core.llm import Completion, Role, Utterance, collect
from tests.adapters.llm.rig import question


async def ask(*said: str) -> Completion:
    entries = tuple(Utterance(role=Role.USER, text=text) for text in said)
    return await collect(OfflineModel().stream(question(messages=entries)))


async def test_it_quotes_counts_and_says_that_it_is_no_model() -> None:
    text = (await ask("The fox jumps")).text
    assert "> The fox jumps" in text
    assert "**3 words**" in text
    assert "no language model is connected" in text


async def test_it_remembers_what_was_said_before() -> None:
    assert (
        "Before that you wrote: “my name is Ada”" in (await ask("my name is Ada", "and you")).text
    )
    assert "Before that" not in (await ask("first line")).text


@pytest.mark.parametrize("plea", ["help", "Help!", " /help ", "?", "What can you do?"])
async def test_help_says_how_to_connect_a_model(plea: str) -> None:
    text = (await ask(plea)).text
    assert all(word in text for word in ("config.toml", "[llm]", "provider", "api_key", "model"))


async def test_it_greets() -> None:
    for greeting in ("Hello!", "привет", "/start", ""):
        assert (await ask(greeting)).text.startswith("Hello!")


async def test_it_tells_a_question_from_a_statement() -> None:
    assert "a question of **2 words**" in (await ask("Why not?")).text
    assert "It has **1 word**." in (await ask("Because")).text


async def test_long_messages_are_quoted_in_part() -> None:
    text = (await ask("\n".join(["word " * 500] * 50))).text
    assert "**25000 words**" in text
    assert len(text) < 4000
    assert text.count("\n>") <= 7


async def test_the_same_question_gets_the_same_answer() -> None:
    assert await ask("one", "two?") == await ask("one", "two?")


async def test_it_closes() -> None:
    await OfflineModel().close()
