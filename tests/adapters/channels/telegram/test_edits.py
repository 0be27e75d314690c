"""Messages that change, in a Bot API that keeps state."""

from pathlib import Path

import pytest

from minibot.core.errors import SendFailed
from minibot.core.messages import Part
from tests.adapters.channels.telegram.outgoing import (
    BOLD,
    BOLD_ENTITY,
    BUTTONS,
    QUESTION,
    file,
    outgoing,
)
from tests.adapters.channels.telegram.served import Served, methods, shown
from tests.adapters.channels.telegram.update_samples import OWNER
from tests.peers.telegram.faults import Fault


async def test_an_edit_replaces_text_formatting_and_buttons(served: Served) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))
    other = Part(text="Gone", buttons=BUTTONS[1:])

    assert await served.channel.send(outgoing(other, edits=message_id)) == message_id

    message = shown(served, message_id)
    assert message["text"] == "Gone"
    assert "entities" not in message
    assert served.api.app.buttons(OWNER) == [["No"]]

    assert await served.channel.send(outgoing(Part(text="Gone"), edits=message_id)) == message_id

    assert "reply_markup" not in shown(served, message_id)


async def test_an_edit_without_text_replaces_nothing_but_the_buttons(served: Served) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))

    await served.channel.send(outgoing(Part(text="", buttons=BUTTONS[1:]), edits=message_id))
    assert served.api.app.buttons(OWNER) == [["No"]]
    await served.channel.send(outgoing(Part(text=""), edits=message_id))

    assert served.api.app.buttons(OWNER) == []
    message = shown(served, message_id)
    assert (message["text"], message["entities"]) == ("Shall I?", [BOLD_ENTITY])


@pytest.mark.parametrize(
    "part", [QUESTION, Part(text="", buttons=BUTTONS)], ids=["text", "buttons"]
)
async def test_an_edit_that_changes_nothing_counts_as_done(served: Served, part: Part) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))

    assert await served.channel.send(outgoing(part, edits=message_id)) == message_id

    assert len(methods(served)) == 2


@pytest.mark.parametrize("part", [Part(text="new"), Part(text="")], ids=["text", "buttons"])
async def test_an_edit_of_a_message_that_is_gone_counts_as_done(
    served: Served, part: Part, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="minibot"):
        assert await served.channel.send(outgoing(part, edits="999")) == "999"

    assert "a message was not edited" in caplog.messages


async def test_an_edit_of_a_persons_message_counts_as_done(served: Served) -> None:
    theirs = served.api.app.inject({"chat_id": OWNER, "text": "mine"})["message_id"]

    await served.channel.send(outgoing(Part(text="new"), edits=str(theirs)))

    assert shown(served, str(theirs))["text"] == "mine"


async def test_an_edit_of_a_file_changes_its_caption(served: Served, tmp_path: Path) -> None:
    part = Part(text="Here", file=file(tmp_path, b"data"), buttons=BUTTONS)
    message_id = await served.channel.send(outgoing(part))

    await served.channel.send(outgoing(Part(text="Taken", spans=(BOLD,)), edits=message_id))

    message = shown(served, message_id)
    assert (message["caption"], message["caption_entities"]) == ("Taken", [BOLD_ENTITY])
    assert "reply_markup" not in message


async def test_an_answer_that_got_lost_makes_no_second_edit(served: Served) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))
    edit = outgoing(Part(text="Gone"), edits=message_id)
    served.api.app.faults.append(Fault(kind="drop", when="after", times=1))
    with pytest.raises(SendFailed):
        await served.channel.send(edit)

    assert await served.channel.send(edit) == message_id

    assert shown(served, message_id)["text"] == "Gone"


async def test_a_message_is_removed(served: Served) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))
    gone = Part(text="Taken back.", removes=True)

    assert await served.channel.send(outgoing(gone, edits=message_id)) == message_id
    assert (OWNER, int(message_id)) not in served.api.app.default_bot.messages
    assert await served.channel.send(outgoing(gone, edits=message_id)) == message_id
    assert await served.channel.send(outgoing(gone)) == ""
    assert methods(served).count("sendMessage") == 1


async def test_a_message_that_may_not_be_removed_is_marked(served: Served) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))
    served.api.app.faults.append(
        Fault(method="deleteMessage", code=400, description="Bad Request: message can't be deleted")
    )
    gone = Part(text="Taken back.", removes=True)

    assert await served.channel.send(outgoing(gone, edits=message_id)) == message_id
    assert shown(served, message_id)["text"] == "Taken back."


async def test_a_removal_is_tried_again_when_the_network_fails(served: Served) -> None:
    message_id = await served.channel.send(outgoing(QUESTION))
    served.api.app.faults.append(Fault(method="deleteMessage", code=500, times=1))
    gone = Part(text="Taken back.", removes=True)

    with pytest.raises(SendFailed):
        await served.channel.send(outgoing(gone, edits=message_id))
    await served.channel.send(outgoing(gone, edits=message_id))
    assert (OWNER, int(message_id)) not in served.api.app.default_bot.messages
