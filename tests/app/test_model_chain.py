"""The chain of models: who is asked when the one before fails."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from minibot.app.event_bus import EventBus
from minibot.app.model_chain import Asked, ModelChain, Place
from minibot.core.breaker import BreakerState
from minibot.core.errors import (
    ContextTooLong,
    ModelAccessDenied,
    ModelBusy,
    ModelError,
    ModelReplyInvalid,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnavailable,
    ModelUnreachable,
    PicturesUnsupported,
    ToolsUnsupported,
)
from minibot.core.events import Event, ModelsLost, ModelsRecovered, TroubleNoticed
from minibot.core.llm import CompletionRequest, Role, TextDelta, ToolSpec, Utterance
from minibot.core.ports import LanguageModel
from minibot.core.settings import LanguageModelSettings, ModelSettings
from tests.app.rig import cancel, overheard
from tests.fakes import FakeClock, Gate, ScriptedModel, settle

TOOL = ToolSpec(name="t", description="", parameters="{}")


def settings(*names: str, **fields: Any) -> LanguageModelSettings:
    models = [{"provider": "openai", "base_url": f"http://{n}", "model": n} for n in names]
    first, *others = models
    return LanguageModelSettings.model_validate({**first, **fields, "fallbacks": others})


def build(place: Place) -> CompletionRequest:
    return CompletionRequest(
        model=place.model.model,
        system_prompt="",
        messages=(Utterance(role=Role.USER, text="x" * place.room),),
        tools=(TOOL,) if place.tools else (),
        once=place.once,
    )


class Chained:
    """A chain whose models answer from scripts, by name."""

    def __init__(self, *names: str, **fields: Any) -> None:
        self.models = {name: ScriptedModel() for name in names}
        self.clock = FakeClock()
        self.bus = EventBus()
        self.chain = ModelChain(
            self._open, settings(*names, **fields), clock=self.clock, bus=self.bus
        )

    def _open(self, model: ModelSettings) -> LanguageModel:
        return self.models[model.base_url.removeprefix("http://")]

    def script(self, name: str, *failures: ModelError) -> None:
        self.models[name].answers.extend([failure] for failure in failures)

    async def ask(self) -> Asked:
        return await self.chain.ask(build)

    async def fail(self, times: int, error: type[ModelError] = ModelUnavailable) -> None:
        for _ in range(times):
            with pytest.raises(error):
                await self.ask()

    def asked(self) -> dict[str, int]:
        return {name: len(model.requests) for name, model in self.models.items()}


async def chained(*names: str, **fields: Any) -> Chained:
    made = Chained(*names, **fields)
    await made.chain.open()
    return made


async def test_the_first_model_is_asked_and_no_other() -> None:
    models = await chained("a", "b")
    assert (await models.ask()).model.model == "a"
    assert models.asked() == {"a": 1, "b": 0}


@pytest.mark.parametrize(
    "error",
    [
        ModelUnreachable(),
        ModelTimeout(),
        ModelBusy(),
        ModelReplyInvalid(),
        ModelAccessDenied(),
        ModelRequestRefused(),
    ],
)
async def test_the_next_is_asked_when_one_fails(error: ModelError) -> None:
    models = await chained("a", "b", "c")
    models.script("a", error)
    assert (await models.ask()).model.model == "b"
    assert models.asked() == {"a": 1, "b": 1, "c": 0}


@pytest.mark.parametrize(
    ("first", "asked"),
    [("openai/c", "c"), ("openai/a", "a"), ("", "a"), ("openai/gone", "a")],
)
async def test_a_question_may_begin_with_another_model(first: str, asked: str) -> None:
    models = await chained("a", "b", "c")
    await models.chain.ask(build, first=first)
    assert models.asked() == {name: int(name == asked) for name in "abc"}


async def test_the_others_follow_in_their_order_when_the_one_asked_first_fails() -> None:
    models = await chained("a", "b", "c")
    models.script("c", ModelUnreachable())
    models.script("a", ModelUnreachable())
    answer = await models.chain.ask(build, first="openai/c")
    assert answer.model.model == "b"
    assert models.asked() == {"a": 1, "b": 1, "c": 1}


async def test_what_a_model_had_said_before_it_failed_is_void() -> None:
    models = await chained("a", "b")
    models.models["a"].answers.append([TextDelta("half of "), ModelReplyInvalid()])
    assert (await models.ask()).completion.text.startswith("echo")


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        ((ModelUnreachable(), ModelAccessDenied()), ModelUnavailable),
        ((ModelAccessDenied(), ModelBusy()), ModelUnavailable),
        ((ModelAccessDenied(), ModelTimeout()), ModelTimeout),
        ((ModelAccessDenied(), ModelRequestRefused()), ModelRequestRefused),
        ((ModelUnreachable(), ModelRequestRefused()), ModelRequestRefused),
        ((ModelReplyInvalid(), ModelTimeout()), ModelReplyInvalid),
    ],
)
async def test_of_several_failures_the_one_that_matters_is_told(
    failures: tuple[ModelError, ModelError], told: type[ModelError]
) -> None:
    models = await chained("a", "b")
    for name, failure in zip("ab", failures, strict=True):
        models.script(name, failure)
    with pytest.raises(ModelError) as raised:
        await models.ask()
    assert type(raised.value) is told


async def test_a_model_that_keeps_failing_is_left_alone_and_probed() -> None:
    models = await chained("a", "b", circuit_breaker={"failures": 2, "recovery_seconds": 60})
    models.script("a", *[ModelUnreachable()] * 3)
    for _ in range(5):
        await models.ask()
    assert models.asked() == {"a": 2, "b": 5}
    assert models.chain.standings()[0].state is BreakerState.OPEN
    await models.clock.advance(60)
    await models.ask()
    assert models.asked() == {"a": 3, "b": 6}
    await models.clock.advance(60)
    assert (await models.ask()).model.model == "a"
    assert models.chain.standings()[0].state is BreakerState.CLOSED


async def test_a_probe_is_submitted_once() -> None:
    models = await chained("a", circuit_breaker={"failures": 1, "recovery_seconds": 60})
    models.script("a", ModelUnreachable(), ModelUnreachable())
    await models.fail(2)
    models.chain.invite_probe()
    await models.fail(1)
    assert [request.once for request in models.models["a"].requests] == [False, True]


async def test_only_one_question_probes() -> None:
    models = await chained("a", circuit_breaker={"failures": 1, "recovery_seconds": 60})
    gate = Gate()
    models.script("a", ModelUnreachable())
    await models.fail(1)
    models.models["a"].answers.append([gate])
    models.chain.invite_probe()
    probe = asyncio.create_task(models.ask())
    await gate.reached.wait()
    await models.fail(3)
    await cancel(probe)
    assert (await models.ask()).model.model == "a"  # a probe given up leaves its place


async def test_losing_every_model_and_finding_one_is_told_once() -> None:
    models = await chained("a", "b")
    async with overheard(models.bus, Event) as heard:
        models.script("a", *[ModelUnreachable()] * 3)
        models.script("b", *[ModelBusy()] * 2)
        await models.fail(2)
        lost = models.chain.lost
        await models.ask()
        await models.ask()
        await settle()
    assert (lost, models.chain.lost) == (True, False)
    assert heard == [ModelsLost(), ModelsRecovered(model="openai/b")]


async def test_the_owner_is_told_of_a_refused_key() -> None:
    models = await chained("a", "b")
    models.script("a", ModelAccessDenied("401"))
    async with overheard(models.bus, TroubleNoticed) as heard:
        await models.ask()
        await settle()
    (event,) = heard
    assert isinstance(event, TroubleNoticed)
    assert "openai/a refuses the key" in event.text


async def test_a_model_without_tools_is_asked_without_them_from_then_on() -> None:
    models = await chained("a")
    models.script("a", ToolsUnsupported())
    await models.ask()
    await models.ask()
    assert [len(request.tools) for request in models.models["a"].requests] == [1, 0, 0]
    assert not models.chain.standings()[0].tools


async def test_a_model_that_takes_no_pictures_is_asked_without_them_from_then_on() -> None:
    models = await chained("a", capabilities={"vision": True})
    places: list[bool] = []

    def look(place: Place) -> CompletionRequest:
        places.append(place.vision)
        return build(place)

    models.script("a", PicturesUnsupported())
    asked = await models.chain.ask(look)
    await models.chain.ask(look)
    assert places == [True, False, False]
    assert not asked.vision
    assert not models.chain.standings()[0].vision


async def test_a_model_that_was_shown_no_picture_and_speaks_of_one_is_refused() -> None:
    models = await chained("a")
    models.script("a", PicturesUnsupported())
    with pytest.raises(PicturesUnsupported):
        await models.ask()


async def test_a_conversation_that_is_too_long_is_cut_and_asked_once_more() -> None:
    models = await chained("a", "b")
    models.script("a", ContextTooLong())
    assert (await models.ask()).model.model == "a"
    first, second = (len(each.messages[0].text) for each in models.models["a"].requests)
    assert second <= first // 2
    models.script("a", ContextTooLong(), ContextTooLong())
    assert (await models.ask()).model.model == "b"


async def test_a_short_question_that_is_too_long_leaves_its_room_to_the_next() -> None:
    models = await chained("a")
    rooms: list[int] = []

    def short(place: Place) -> CompletionRequest:
        rooms.append(place.room)
        return build(replace(place, room=90))

    models.script("a", ContextTooLong())
    with pytest.raises(ContextTooLong):
        await models.chain.ask(short)
    await models.chain.ask(short)
    assert rooms[-1] == rooms[0]


async def test_refusing_a_question_does_not_count_as_failing() -> None:
    models = await chained("a", circuit_breaker={"failures": 1, "recovery_seconds": 60})
    models.script("a", ModelRequestRefused(), ModelRequestRefused())
    await models.fail(2, ModelRequestRefused)
    assert models.asked() == {"a": 2}


async def test_a_reload_keeps_what_is_known_of_the_models_that_stay() -> None:
    models = await chained("a", "b", circuit_breaker={"failures": 1, "recovery_seconds": 60})
    models.script("a", ModelUnreachable())
    await models.ask()
    breaker = {"failures": 1, "recovery_seconds": 60}
    await models.chain.follow(
        settings("a", "b", circuit_breaker=breaker, context={"system_prompt": "other"})
    )
    assert [each.state for each in models.chain.standings()] == [
        BreakerState.OPEN,
        BreakerState.CLOSED,
    ]
    await models.chain.follow(settings("b", circuit_breaker=breaker))
    assert [each.title for each in models.chain.standings()] == ["openai/b"]
    assert models.models["a"].closed == 1
    await models.chain.close()
    assert models.models["b"].closed == 1
