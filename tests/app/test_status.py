import asyncio

import pytest

from minibot.app.event_bus import WhenFull
from minibot.app.model_chain import ModelChain
from minibot.app.status import Status
from minibot.core.errors import ModelUnavailable, ModelUnreachable
from minibot.core.events import MessageAccepted
from tests.app.rig import Rig, cancel, in_background, plain_request
from tests.fakes import Gate, ScriptedModel, make_settings, settle

ONE_MODEL = {"provider": "openai", "model": "m1", "api_key": "k"}
TWO_MODELS = {
    **ONE_MODEL,
    "circuit_breaker": {"failures": 1},
    "fallbacks": [{"provider": "claude", "model": "m2", "api_key": "k"}],
}


def describing(rig: Rig, chain: ModelChain) -> Status:
    return Status(
        version="9.9",
        clock=rig.clock,
        channels=rig.channels,
        chain=chain,
        supervisor=rig.supervisor,
        running=rig.running,
        bus=rig.bus,
        generation=lambda: 3,
        work=[lambda: "Planned: nothing"],
        started_at=0.0,
    )


async def opened(rig: Rig, *failures: ModelUnreachable) -> ModelChain:
    """Give the rig's models, the first of which fail so."""
    chain = rig.chain(ScriptedModel(*([failure] for failure in failures)))
    await chain.open()
    if failures:
        with pytest.raises(ModelUnavailable):
            await chain.ask(plain_request)
    return chain


async def test_status_tells_version_uptime_model_channels_and_settings() -> None:
    rig = Rig(make_settings(llm=ONE_MODEL))
    chain = await opened(rig)
    async with in_background(rig.channels.run):
        await rig.clock.advance(2 * 3600 + 3 * 60 + 4)
        lines = describing(rig, chain).describe(dead=(2, 1)).splitlines()
    assert lines[:4] == [
        "**minibot 9.9**, up 2:03:04",
        "Model: openai/m1",
        "Channels: telegram",
        "Settings: version 3 since the start",
    ]
    assert lines[-2:] == ["Given up: 2 messages, 1 answer", "Planned: nothing"]


async def test_status_tells_how_each_model_does() -> None:
    rig = Rig(make_settings(llm=TWO_MODELS))
    lines = describing(rig, await opened(rig)).describe(dead=(0, 0)).splitlines()
    assert lines[1:3] == ["Model 1: openai/m1", "Model 2: claude/m2"]
    lost = await opened(rig, ModelUnreachable(), ModelUnreachable())
    lines = describing(rig, lost).describe(dead=(0, 0)).splitlines()
    assert lines[1:3] == [
        "Model 1: openai/m1 ⚠️ it fails and is left alone (open)",
        "Model 2: claude/m2 ⚠️ it fails and is left alone (open)",
    ]


async def test_status_tells_of_the_only_model_when_it_fails() -> None:
    rig = Rig(make_settings(llm={**ONE_MODEL, "circuit_breaker": {"failures": 1}}))
    text = describing(rig, await opened(rig, ModelUnreachable())).describe(dead=(0, 0))
    assert "Model 1: openai/m1 ⚠️ it fails" in text


async def test_status_tells_what_is_down_and_how_the_bus_does() -> None:
    async def broken() -> None:
        raise LookupError("odd")

    rig = Rig(make_settings())
    kept = asyncio.create_task(rig.supervisor.keep("scheduler", broken))
    await settle()
    chain = await opened(rig)
    with rig.bus.subscribe("worker", MessageAccepted, capacity=1, when_full=WhenFull.DROP_OLDEST):
        for number in range(3):
            rig.bus.publish(MessageAccepted(inbox_id=number, conversation="c", urgent=False))
        text = describing(rig, chain).describe(dead=(0, 0))
    await cancel(kept)
    assert "Channels: none" in text
    assert "⚠️ scheduler is down: LookupError: odd" in text
    assert "Bus, worker: 1 waiting, 0 delivered, 2 dropped" in text


async def test_status_counts_answers_being_written_besides_the_one_that_asks() -> None:
    rig = Rig()
    gate = Gate()
    turns = [
        asyncio.create_task(rig.running.run(name, gate.pass_through())) for name in ("a", "b", "c")
    ]
    await settle()
    text = describing(rig, await opened(rig)).describe(dead=(0, 0))
    gate.open()
    await asyncio.gather(*turns)
    assert "Answers being written besides this: 2" in text
