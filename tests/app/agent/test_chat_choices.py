"""What a chat chose takes effect in its turns, and its answers are accounted for."""

import pytest

from minibot.app.agent.prompt import STYLES
from minibot.core.chat_settings import Verbosity
from minibot.core.llm import Usage
from minibot.core.settings import Settings
from tests.app.agent.answers import call, calls, says
from tests.app.agent.assistant import Assistant
from tests.app.agent.tools import FakeTool, reader
from tests.fakes import Gate, ModelStep, make_settings

ANN = "telegram:42"
PRICES = {"input": 2.0, "cached_input": 1.0, "output": 10.0}


def two_models() -> Settings:
    return make_settings(
        llm={
            "provider": "openai",
            "model": "first",
            "api_key": "k",
            "temperature": 0.9,
            "context": {"system_prompt": "You help."},
            "fallbacks": [{"provider": "openai", "model": "second", "api_key": "k"}],
        }
    )


async def asking(
    *answers: list[ModelStep], settings: Settings | None = None, tool: FakeTool | None = None
) -> Assistant:
    tools = [] if tool is None else [tool]
    assistant = Assistant(*tools, settings=settings or two_models(), answers=answers)
    await assistant.chain.open()
    return assistant


async def test_a_chat_is_answered_as_it_chose_and_others_as_ever() -> None:
    assistant = await asking(says("a"), says("b"))
    await assistant.chats.change(
        ANN, model="openai/second", prompt="Rhyme.", temperature=0.0, verbosity=Verbosity.BRIEF
    )
    await assistant.answer()
    await assistant.chats.change(ANN, model="", prompt="", temperature=None)
    await assistant.answer()

    chosen, usual = assistant.requests
    brief = STYLES[Verbosity.BRIEF]
    assert (chosen.model, chosen.temperature) == ("second", 0.0)
    assert chosen.system_prompt == f"You help.\n\nRhyme.\n\n{brief}"
    assert (usual.model, usual.temperature) == ("first", 0.9)
    assert usual.system_prompt == f"You help.\n\n{brief}"


async def test_a_turn_goes_on_with_what_was_chosen_when_it_began() -> None:
    held = Gate()
    assistant = await asking([held, *calls(call("look"))], says("done"), tool=reader("look"))
    await assistant.chats.change(ANN, prompt="Rhyme.")
    async with assistant.serving(), assistant.working():
        await held.reached.wait()
        await assistant.chats.change(ANN, prompt="Shout.")
        held.open()
    assert ["Rhyme." in each.system_prompt for each in assistant.requests] == [True, True]


@pytest.mark.parametrize(("prices", "cost"), [(PRICES, 0.000_231), ({}, None)])
async def test_account_of_an_answer(prices: dict[str, float], cost: float | None) -> None:
    usage = Usage(input_tokens=100, output_tokens=3, cached_tokens=1)
    called = calls(call("look"), usage=usage)
    spoken = says("done", usage=Usage(input_tokens=1))
    settings = make_settings(
        llm={"provider": "openai", "model": "m", "api_key": "k", "prices": prices}
    )
    assistant = await asking(says("hi"), called, spoken, settings=settings, tool=reader("look"))
    async with assistant.serving():
        await assistant.say("hello")
        await assistant.chats.change(ANN, prompt="Rhyme.")
        item = await assistant.say("look")

    told = await assistant.storage.outcomes.account(ANN)
    assert told is not None
    assert told.reference == item.reference
    assert told.models == ("openai/m", "openai/m")
    assert told.tools == ("look",)
    assert told.usage == usage + Usage(input_tokens=1)
    assert (told.exchanges, told.prompt, told.summary, told.facts) == (1, True, False, 0)
    assert told.first_seconds == 0.0
    assert told.cost == (cost if cost is None else pytest.approx(cost, abs=1e-6))


async def test_nothing_is_kept_of_an_incognito_answer() -> None:
    assistant = await asking(says("hi"))
    await assistant.incognito.switch(ANN, on=True)
    async with assistant.serving():
        await assistant.say("hello")
    assert await assistant.storage.outcomes.account(ANN) is None
    assert await assistant.storage.outcomes.exchanges(ANN) == []
