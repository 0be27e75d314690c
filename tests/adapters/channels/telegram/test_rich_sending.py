"""Rich messages on their way: taken, or refused and sent plain, in a Bot API that keeps state."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from minibot.core.errors import SendFailed, TokenRefused
from minibot.core.messages import Part
from tests.adapters.channels.telegram.outgoing import (
    BOLD,
    BUTTONS,
    KEYBOARD,
    file,
    in_topic,
    outgoing,
)
from tests.adapters.channels.telegram.served import Served, methods, shown
from tests.adapters.channels.telegram.update_samples import GROUP, OWNER
from tests.peers.telegram.faults import Fault

BLOCKS = [{"type": "heading", "text": "Hi", "size": 1}]
RICH = Part(text="Hi you", spans=(BOLD,), rich=json.dumps({"blocks": BLOCKS}))
SEND, EDIT = "sendRichMessage", "editMessageText"


def refusing(served: Served, description: str) -> None:
    fault = Fault(kind="status", method=SEND, code=400, description=description, times=1)
    served.api.app.faults.append(fault)


async def test_rich_form_is_shown_with_buttons_in_its_topic_as_an_answer(served: Served) -> None:
    part = replace(RICH, buttons=BUTTONS)
    message_id = await served.channel.send(
        replace(in_topic(outgoing(part, chat_id=GROUP), 17), reply_to="1")
    )

    message = shown(served, message_id, GROUP)
    assert message["rich_message"] == {"blocks": BLOCKS}
    assert message["message_thread_id"] == 17
    assert message["reply_markup"] == KEYBOARD
    assert methods(served) == [SEND]


async def test_message_becomes_a_rich_one_and_a_plain_one_again(served: Served) -> None:
    message_id = await served.channel.send(outgoing(Part(text="so far")))

    for _ in range(2):  # what is as wanted already counts as done
        assert await served.channel.send(outgoing(RICH, edits=message_id)) == message_id
    assert shown(served, message_id)["rich_message"] == {"blocks": BLOCKS}

    await served.channel.send(outgoing(Part(text="so far"), edits=message_id))
    assert shown(served, message_id)["text"] == "so far"


@pytest.mark.parametrize("edits", [False, True])
async def test_server_that_knows_none_shows_the_plain_form_and_is_asked_once(
    served: Served, edits: bool
) -> None:
    first = await served.channel.send(outgoing(Part(text="so far"))) if edits else ""
    served.api.app.rich_messages = False

    ids = [await served.channel.send(outgoing(RICH, edits=first)) for _ in range(2)]

    assert [shown(served, each)["text"] for each in ids] == ["Hi you"] * 2
    assert [key for key, _ in served.rich.refusals] == [f"telegram:{OWNER}"]
    tried = methods(served)[edits:]
    assert tried == ([EDIT] * 3 if edits else [SEND, "sendMessage", "sendMessage"])


async def test_what_is_wrong_with_one_message_is_no_reason_to_send_none(served: Served) -> None:
    refusing(served, "Bad Request: rich message is nested too deeply")

    message_id = await served.channel.send(outgoing(RICH))

    assert shown(served, message_id)["text"] == "Hi you"
    assert served.rich.refusals == []


async def test_lost_reply_target_costs_the_reply_and_not_the_rich_form(served: Served) -> None:
    refusing(served, "Bad Request: message to be replied not found")

    message_id = await served.channel.send(replace(outgoing(RICH), reply_to="99"))

    assert shown(served, message_id)["rich_message"] == {"blocks": BLOCKS}


async def test_message_that_is_a_file_gets_the_plain_form_as_its_caption(
    served: Served, tmp_path: Path
) -> None:
    sent = file(tmp_path, b"some words")
    message_id = await served.channel.send(outgoing(Part(text="", file=sent)))

    await served.channel.send(outgoing(RICH, edits=message_id))

    assert shown(served, message_id)["caption"] == "Hi you"


async def test_message_that_is_gone_comes_anew_in_its_rich_form(served: Served) -> None:
    part = replace(outgoing(RICH, edits="99"), replaces="earlier")

    message_id = await served.channel.send(part)

    assert shown(served, message_id)["rich_message"] == {"blocks": BLOCKS}


async def test_failure_that_may_pass_is_no_refusal(served: Served) -> None:
    served.api.app.faults.append(Fault(kind="status", method=SEND, code=502))

    with pytest.raises(SendFailed):
        await served.channel.send(outgoing(RICH))

    assert served.rich.refusals == []
    assert methods(served) == [SEND]


async def test_wrong_token_is_not_taken_for_an_old_server(served: Served) -> None:
    fault = Fault(kind="status", method=SEND, code=404, description="Not Found")
    served.api.app.faults.append(fault)

    with pytest.raises(SendFailed) as raised:
        await served.channel.send(outgoing(RICH))

    assert isinstance(raised.value.__cause__, TokenRefused)
    assert served.rich.refusals == []
