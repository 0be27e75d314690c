"""A press is acknowledged at once or not at all."""

from collections.abc import AsyncIterator

import pytest

from minibot.adapters.channels.telegram.rendering.utf16 import utf16_length
from tests.adapters.channels.telegram.channel_rig import Rig
from tests.adapters.channels.telegram.scripted_api import Said, ScriptedApi, ok, refusal


@pytest.fixture
async def rig(api: ScriptedApi) -> AsyncIterator[Rig[ScriptedApi]]:
    opened = Rig(api)
    yield opened
    await opened.channel.close()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Allowed", {"text": "Allowed"}),
        ("", {}),
        ("x" * 200, {"text": "x" * 200}),
        ("x" * 201, {"text": "x" * 199 + "…"}),
        ("😀" * 100, {"text": "😀" * 100}),
        ("😀" * 101, {"text": "😀" * 99 + "…"}),
    ],
)
async def test_what_came_of_a_press_is_told_in_200_characters(
    rig: Rig[ScriptedApi], text: str, shown: dict[str, str]
) -> None:
    rig.api.will_say("answerCallbackQuery", ok(True))

    await rig.channel.acknowledge("q1", text)

    (call,) = rig.api.calls
    assert call.parameters == {"callback_query_id": "q1", **shown}
    assert utf16_length(call.parameters.get("text", "")) <= 200


@pytest.mark.parametrize(
    "said",
    [
        refusal(400, "Bad Request: query is too old and response timeout expired"),
        refusal(401, "Unauthorized"),
        refusal(403, "Forbidden: bot was blocked by the user"),
        refusal(429, "Too Many Requests", retry_after=30),
        refusal(500, "Internal Server Error"),
        Said(body=b"<html>"),
        Said(drop=True),
    ],
)
async def test_a_press_that_cannot_be_acknowledged_is_no_trouble(
    rig: Rig[ScriptedApi], said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    rig.api.will_say("answerCallbackQuery", said)

    with caplog.at_level("DEBUG", logger="minibot"):
        await rig.channel.acknowledge("q1", "Done")

    assert len(rig.api.calls) == 1
    assert [(each.levelname, each.message) for each in caplog.records] == [
        ("DEBUG", "a press was not acknowledged")
    ]
