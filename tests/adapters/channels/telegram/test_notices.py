"""What one person in a group is shown alone."""

from dataclasses import replace

import pytest

from minibot.core.errors import SlowDown
from minibot.core.messages import Part
from tests.adapters.channels.telegram.channel_rig import Rig
from tests.adapters.channels.telegram.scripted_api import Said, ScriptedApi, ok, refusal
from tests.adapters.channels.telegram.test_channel import PLAIN

NOTICE = replace(PLAIN, part=Part(text="abc", only_for="8"))


@pytest.fixture
def rig(api: ScriptedApi) -> Rig[ScriptedApi]:
    return Rig(api)


@pytest.fixture(autouse=True)
async def _closed(rig: Rig[ScriptedApi]) -> object:
    yield
    await rig.channel.close()


async def test_a_notice_has_one_receiver_and_no_id(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendMessage", ok({"message_id": 0, "ephemeral_message_id": 3}))
    assert await rig.channel.send(NOTICE) == ""
    shown = rig.api.calls[0].parameters
    assert shown["ephemeral_message_parameters"] == {"receiver_user_id": 8}
    assert shown["message_thread_id"] == 17


@pytest.mark.parametrize(
    "said",
    [
        refusal(400, "Bad Request: ephemeral messages can be sent only to groups"),
        refusal(400, "Bad Request: chat not found"),
        refusal(403, "Forbidden: user is not a member of the chat"),
    ],
)
async def test_a_notice_that_cannot_be_for_one_is_for_all(
    rig: Rig[ScriptedApi], said: Said
) -> None:
    rig.api.will_say("sendMessage", said, ok({"message_id": 77}))
    assert await rig.channel.send(NOTICE) == "77"
    assert "ephemeral_message_parameters" not in rig.api.calls[1].parameters


async def test_a_notice_waits_like_everything_else(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("sendMessage", refusal(429, "Too Many Requests", retry_after=3))
    with pytest.raises(SlowDown):
        await rig.channel.send(NOTICE)
    assert len(rig.api.calls) == 1
