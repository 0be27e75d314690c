"""Buttons, edits and files on a terminal."""

from collections.abc import AsyncIterator

import pytest

from minibot.adapters.channels.console.channel import CHAT
from minibot.core.messages import Button, OutgoingFile, Part, Press
from tests.adapters.channels.console.conversation import Conversation, conversation, outgoing

BUTTONS = (
    (Button(label="Once", data="ok:1"), Button(label="For this task", data="ok:2")),
    (Button(label="No", data="no:1"),),
)
QUESTION = Part(text="Shall I?", buttons=BUTTONS)


@pytest.fixture
async def talk() -> AsyncIterator[Conversation]:
    async with conversation() as opened:
        yield opened


async def test_buttons_are_listed_with_their_numbers(talk: Conversation) -> None:
    await talk.channel.send(outgoing(QUESTION))

    assert talk.printed == "Shall I?\n  [1] Once  [2] For this task\n  [3] No\n"


async def test_a_label_cannot_command_the_terminal(talk: Conversation) -> None:
    buttons = ((Button(label="\x1b[2J", data="x"),),)

    await talk.channel.send(outgoing(Part(text="?", buttons=buttons)))

    assert talk.printed == "?\n  [1] ␛[2J\n"


async def test_the_number_of_a_button_presses_it(talk: Conversation) -> None:
    await talk.type("hello")
    message_id = await talk.channel.send(outgoing(QUESTION))

    arrival, message = await talk.type(" 3 ")

    assert message.press == Press(id="2", data="no:1", message_id=message_id)
    assert (message.id, message.text, message.chat) == (message_id, "", CHAT)
    assert (arrival.urgent, arrival.key) == (True, "2")
    assert message.private
    assert message.addressed


@pytest.mark.parametrize("line", ["0", "4", "-1", "1.", "01", "1 2", "one", "³", "١"])
async def test_anything_but_such_a_number_is_a_message(talk: Conversation, line: str) -> None:
    await talk.channel.send(outgoing(QUESTION))

    arrival, message = await talk.type(line)

    assert (message.text, message.press, arrival.urgent) == (line, None, False)


async def test_a_number_is_a_message_while_nothing_is_asked(talk: Conversation) -> None:
    await talk.channel.send(outgoing(Part(text="How many?")))

    _, message = await talk.type("1")

    assert (message.text, message.press) == ("1", None)


async def test_the_newest_buttons_are_meant_even_if_words_came_after_them(
    talk: Conversation,
) -> None:
    await talk.channel.send(outgoing(QUESTION))
    second = await talk.channel.send(
        outgoing(Part(text="And this?", buttons=((Button(label="Yes", data="yes:2"),),)))
    )
    await talk.channel.send(outgoing(Part(text="By the way")))

    _, message = await talk.type("1")

    assert message.press == Press(id="1", data="yes:2", message_id=second)


@pytest.mark.parametrize("text", ["Allowed", ""])
async def test_an_edit_without_buttons_takes_them_away(talk: Conversation, text: str) -> None:
    message_id = await talk.channel.send(outgoing(QUESTION))

    assert await talk.channel.send(outgoing(Part(text=text), edits=message_id)) == message_id

    _, message = await talk.type("1")
    assert (message.text, message.press) == ("1", None)


async def test_an_edit_of_another_message_leaves_the_buttons(talk: Conversation) -> None:
    first = await talk.channel.send(outgoing(Part(text="Working")))
    await talk.channel.send(outgoing(QUESTION))

    await talk.channel.send(outgoing(Part(text="Still working"), edits=first))

    _, message = await talk.type("1")
    assert message.press is not None


async def test_an_edit_may_bring_other_buttons(talk: Conversation) -> None:
    message_id = await talk.channel.send(outgoing(QUESTION))

    await talk.channel.send(outgoing(Part(text="", buttons=BUTTONS[1:]), edits=message_id))

    assert talk.printed.endswith("  [3] No\n  [1] No\n")
    _, message = await talk.type("1")
    assert message.press == Press(id="1", data="no:1", message_id=message_id)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Allowed", "✎ Allowed\n"),
        ("Allowed\nand more", "✎ Allowed\n"),
        ("\x1b[2J", "✎ ␛[2J\n"),
        ("x" * 120, "✎ " + "x" * 120 + "\n"),
        ("x" * 121, "✎ " + "x" * 119 + "…\n"),
        ("", ""),
    ],
)
async def test_an_edit_is_a_short_line(talk: Conversation, text: str, line: str) -> None:
    await talk.channel.send(outgoing(Part(text=text), edits="1"))

    assert talk.printed == line


async def test_messages_are_numbered_without_edits(talk: Conversation) -> None:
    assert await talk.channel.send(outgoing(Part(text="one"))) == "1"
    assert await talk.channel.send(outgoing(Part(text="one!"), edits="1")) == "1"
    assert await talk.channel.send(outgoing(Part(text="two"))) == "2"


@pytest.mark.parametrize(("text", "before"), [("Here", "Here\n"), ("", "")])
async def test_a_file_is_told_where_its_copy_lies(
    talk: Conversation, text: str, before: str
) -> None:
    file = OutgoingFile(path="/data/out/7", name="notes\x1b.txt", mime_type="text/plain")

    await talk.channel.send(outgoing(Part(text=text, file=file)))

    assert talk.printed == f"{before}📎 notes␛.txt: /data/out/7\n"


@pytest.mark.parametrize(("text", "line"), [("Done\x1b[2J", "Done␛[2J\n"), ("", "")])
async def test_a_press_is_acknowledged_in_a_line(talk: Conversation, text: str, line: str) -> None:
    await talk.channel.acknowledge("1", text)

    assert talk.printed == line


@pytest.mark.parametrize(
    ("line", "urgent"),
    [
        ("/status", True),
        ("/help me", True),
        ("/new", False),
        ("stop", True),
        ("stop it now", False),
    ],
)
async def test_a_command_that_depends_on_nothing_does_not_wait(
    talk: Conversation, line: str, urgent: bool
) -> None:
    arrival, message = await talk.type(line)

    assert (arrival.urgent, message.text) == (urgent, line)
