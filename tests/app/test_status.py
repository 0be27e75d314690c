import asyncio

from minibot.app.event_bus import WhenFull
from minibot.app.status import Status
from minibot.core.events import MessageAccepted
from tests.app.rig import Rig, cancel, in_background
from tests.fakes import Gate, make_settings, settle


def describing(rig: Rig) -> Status:
    return Status(
        version="9.9",
        clock=rig.clock,
        channels=rig.channels,
        supervisor=rig.supervisor,
        running=rig.running,
        bus=rig.bus,
        generation=lambda: 3,
        started_at=0.0,
    )


async def test_status_tells_version_uptime_model_channels_and_settings() -> None:
    rig = Rig(make_settings(llm={"provider": "openai", "model": "m1", "api_key": "k"}))
    async with in_background(rig.channels.run):
        await rig.clock.advance(2 * 3600 + 3 * 60 + 4)
        lines = describing(rig).describe(rig.live.current, dead=(2, 1)).splitlines()
    assert lines[:4] == [
        "**minibot 9.9**, up 2:03:04",
        "Model: openai m1",
        "Channels: telegram",
        "Settings: version 3 since the start",
    ]
    assert lines[-1] == "Given up: 2 messages, 1 answers"


async def test_status_tells_what_is_down_and_how_the_bus_does() -> None:
    async def broken() -> None:
        raise LookupError("odd")

    rig = Rig(make_settings())
    kept = asyncio.create_task(rig.supervisor.keep("scheduler", broken))
    await settle()
    with rig.bus.subscribe("worker", MessageAccepted, capacity=1, when_full=WhenFull.DROP_OLDEST):
        for number in range(3):
            rig.bus.publish(MessageAccepted(inbox_id=number, conversation="c", urgent=False))
        text = describing(rig).describe(rig.live.current, dead=(0, 0))
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
    text = describing(rig).describe(rig.live.current, dead=(0, 0))
    gate.open()
    await asyncio.gather(*turns)
    assert "Answers being written besides this: 2" in text
