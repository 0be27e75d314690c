import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from minibot.app.model_pool import ModelPool, OpenModel
from minibot.core.errors import ModelBusy
from minibot.core.llm import (
    Completion,
    CompletionRequest,
    Finished,
    FinishReason,
    Role,
    TextDelta,
    Utterance,
    collect,
)
from minibot.core.settings import LanguageModelSettings, ModelSettings
from tests.app.rig import cancel
from tests.fakes import Gate, ScriptedModel

QUESTION = CompletionRequest(
    model="m", system_prompt="", messages=(Utterance(role=Role.USER, text="hello"),)
)


def offline(**fields: Any) -> ModelSettings:
    return LanguageModelSettings.model_validate({"provider": "offline", **fields}).chain[0]


class Models:
    """Opens a model for each settings, and keeps them for the test to look at."""

    def __init__(self, *first_answer: Any) -> None:
        self.opened: list[ScriptedModel] = []
        self._first_answer = first_answer

    def open(self, _settings: ModelSettings) -> ScriptedModel:
        scripted = self._first_answer and not self.opened
        self.opened.append(ScriptedModel(self._first_answer) if scripted else ScriptedModel())
        return self.opened[-1]


class Asking:
    """Asks whatever model the settings name at the time."""

    def __init__(self, open_model: OpenModel) -> None:
        self.pool = ModelPool(open_model)
        self._settings = offline()

    async def follow(self, settings: ModelSettings) -> None:
        await self.pool.keep((settings,))
        self._settings = settings

    async def ask(self) -> Completion:
        async with (
            self.pool.lend(self._settings) as model,
            aclosing(model.stream(QUESTION)) as events,
        ):
            return await collect(events)


async def asking(open_model: OpenModel) -> Asking:
    made = Asking(open_model)
    await made.follow(offline())
    return made


async def test_question_goes_to_the_model_the_settings_name() -> None:
    models = Models()
    live = await asking(models.open)
    assert (await live.ask()).text == "echo hello"
    await live.follow(offline(base_url="http://other"))
    assert (await live.ask()).text == "echo hello"
    assert [len(model.requests) for model in models.opened] == [1, 1]
    assert [model.closed for model in models.opened] == [1, 0]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"model": "other"},
        {"temperature": 1.5},
        {"max_new_tokens": 9},
        {"context": {"history_window": 3}},
    ],
)
async def test_what_is_said_with_every_question_opens_nothing(fields: dict[str, Any]) -> None:
    models = Models()
    live = await asking(models.open)
    await live.follow(offline(**fields))
    assert len(models.opened) == 1
    assert models.opened[0].closed == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"base_url": "http://other"},
        {"api_key": "other"},
        {"timeouts": {"total_seconds": 9}},
        {"retry": {"attempts": 9}},
    ],
)
async def test_what_belongs_to_the_connection_opens_another(fields: dict[str, Any]) -> None:
    models = Models()
    live = await asking(models.open)
    await live.follow(offline(**fields))
    assert [model.closed for model in models.opened] == [1, 0]


async def test_running_answer_ends_on_the_old_model_which_is_closed_behind_it() -> None:
    gate = Gate()
    models = Models(TextDelta("old"), gate, TextDelta(" model"), Finished(FinishReason.STOP))
    live = await asking(models.open)
    answer = asyncio.create_task(live.ask())
    await gate.reached.wait()
    await live.follow(offline(base_url="http://other"))
    assert models.opened[0].closed == 0
    assert (await live.ask()).text == "echo hello"
    gate.open()
    assert (await answer).text == "old model"
    assert [model.closed for model in models.opened] == [1, 0]


async def test_old_model_is_closed_behind_the_last_of_its_answers() -> None:
    gates = [Gate(), Gate()]
    models = Models()
    live = await asking(models.open)
    models.opened[0].answers.extend([[gate, Finished(FinishReason.STOP)] for gate in gates])
    answers = [asyncio.create_task(live.ask()) for _ in gates]
    for gate in gates:
        await gate.reached.wait()
    await live.follow(offline(base_url="http://other"))
    gates[0].open()
    await answers[0]
    assert models.opened[0].closed == 0
    gates[1].open()
    await answers[1]
    assert models.opened[0].closed == 1


async def test_answer_that_is_broken_off_frees_the_old_model_too() -> None:
    gate = Gate()
    models = Models(gate)
    live = await asking(models.open)
    answer = asyncio.create_task(live.ask())
    await gate.reached.wait()
    await live.follow(offline(base_url="http://other"))
    await cancel(answer)
    assert (models.opened[0].open_streams, models.opened[0].closed) == (0, 1)


async def test_failure_comes_through_and_counts_as_an_end() -> None:
    models = Models(ModelBusy("429"))
    live = await asking(models.open)
    with pytest.raises(ModelBusy):
        await live.ask()
    await live.follow(offline(base_url="http://other"))
    assert models.opened[0].closed == 1


async def test_model_that_cannot_be_opened_leaves_the_one_before() -> None:
    def open_once(_settings: ModelSettings) -> ScriptedModel:
        if opened:
            raise LookupError
        opened.append(ScriptedModel())
        return opened[0]

    opened: list[ScriptedModel] = []
    live = await asking(open_once)
    with pytest.raises(LookupError):
        await live.follow(offline(base_url="http://other"))
    assert (await live.ask()).text == "echo hello"
    assert opened[0].closed == 0


async def test_close_closes_the_model_in_use() -> None:
    models = Models()
    live = await asking(models.open)
    await live.pool.close()
    assert models.opened[0].closed == 1
