"""Every outbound form, from a part to what a person sees, in a Bot API that keeps state."""

from pathlib import Path
from typing import Any

import pytest

from minibot.core.errors import ChatClosed, SendFailed, SendRefused, SlowDown
from minibot.core.messages import Part
from tests.adapters.channels.telegram.outgoing import (
    BOLD,
    BOLD_ENTITY,
    BUTTONS,
    KEYBOARD,
    QUESTION,
    file,
    in_topic,
    outgoing,
)
from tests.adapters.channels.telegram.served import Served, shown
from tests.adapters.channels.telegram.update_samples import GROUP, OWNER
from tests.peers.telegram.faults import Fault


async def test_buttons_are_shown_and_their_press_comes_back(served: Served) -> None:
    telegram = served.api.app
    async with served.running():
        message_id = await served.channel.send(outgoing(QUESTION))
        assert telegram.buttons(OWNER) == [["Once", "Always"], ["No"]]
        assert shown(served, message_id)["entities"] == [BOLD_ENTITY]

        telegram.press(OWNER, "Always")
        await served.store.offer_made.wait()
        message = served.store.kept[0].message
        assert message is not None
        assert message.press is not None
        await served.channel.acknowledge(message.press.id, "Done")

    assert (message.id, message.press.data) == (message_id, "ok:2")
    assert message.press.message_id == message_id
    answered = telegram.events[-1]
    assert (answered["method"], answered["text"]) == ("answerCallbackQuery", "Done")


async def test_a_press_in_a_topic_comes_back_from_there(served: Served) -> None:
    async with served.running():
        await served.channel.send(in_topic(outgoing(QUESTION, chat_id=GROUP), 17))
        served.api.app.press(GROUP, "No", by=OWNER)
        await served.store.offer_made.wait()

    assert served.store.kept[0].chat.key == f"telegram:{GROUP}:17"


FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("sendMessage", {"text": "Hello", "spans": (BOLD,), "buttons": BUTTONS}),
    "edit": ("editMessageText", {"text": "Hello", "spans": (BOLD,)}),
    "edit of buttons": ("editMessageReplyMarkup", {"text": ""}),
    "file": ("sendDocument", {"text": "Hello", "spans": (BOLD,)}),
}
FAULTS = {
    "429": (Fault(code=429, retry_after=7), SlowDown),
    "403": (Fault(code=403, description="Forbidden: bot was blocked by the user"), ChatClosed),
    "400, no chat": (Fault(code=400, description="Bad Request: chat not found"), ChatClosed),
    "500": (Fault(code=500), SendFailed),
    "401": (Fault(code=401, description="Unauthorized"), SendFailed),
    "413": (Fault(code=413, description="Request Entity Too Large"), SendRefused),
    "cut": (Fault(kind="drop"), SendFailed),
    "garbage": (Fault(kind="malformed"), SendFailed),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_refusal_of_any_form_is_told_and_nothing_is_sent_twice(
    served: Served, tmp_path: Path, form: str, fault: str
) -> None:
    method, content = FORMS[form]
    rule, kind = FAULTS[fault]
    part = Part(**content, file=file(tmp_path, b"data") if form == "file" else None)
    edits = await served.channel.send(outgoing(QUESTION)) if form.startswith("edit") else ""
    served.api.app.faults.append(rule)

    with pytest.raises(kind) as caught:
        await served.channel.send(outgoing(part, edits=edits))

    assert type(caught.value) is kind
    assert served.api.app.counts[method] == 1
    served.api.app.faults.clear()
    assert await served.channel.send(outgoing(part, edits=edits))  # nothing is broken by it
    assert served.api.app.counts[method] == 2


@pytest.mark.parametrize("form", ["text", "edit", "file"])
async def test_formatting_that_is_refused_is_left_out_of_any_form(
    served: Served, tmp_path: Path, form: str
) -> None:
    method, content = FORMS[form]
    part = Part(
        **(content | {"buttons": BUTTONS}), file=file(tmp_path, b"d") if form == "file" else None
    )
    edits = await served.channel.send(outgoing(Part(text="old"))) if form == "edit" else ""
    text = "Bad Request: can't parse entities: unsupported offset"
    served.api.app.faults.append(Fault(method=method, code=400, description=text, times=1))

    message_id = await served.channel.send(outgoing(part, edits=edits))

    message = shown(served, message_id)
    assert not {"entities", "caption_entities"} & set(message)
    assert message["reply_markup"] == KEYBOARD


async def test_buttons_that_are_refused_are_not_left_out(served: Served) -> None:
    text = "Bad Request: BUTTON_DATA_INVALID"
    served.api.app.faults.append(Fault(code=400, description=text))

    with pytest.raises(SendRefused, match="BUTTON_DATA_INVALID"):
        await served.channel.send(outgoing(QUESTION))

    assert shown_texts(served) == []


def shown_texts(served: Served) -> list[str]:
    return [message["text"] for message in served.api.app.default_bot.messages.values()]


async def test_the_ledger_tells_every_form(served: Served, tmp_path: Path) -> None:
    question = await served.channel.send(outgoing(QUESTION))
    served.api.app.press(OWNER, "Once")
    await served.channel.send(outgoing(Part(text=""), edits=question))
    await served.channel.send(outgoing(Part(text="Done"), edits=question))
    await served.channel.send(outgoing(Part(text="Here", file=file(tmp_path, b"data"))))

    told = served.api.app.transcript.ledger()["chats"][str(OWNER)]

    assert [(entry["method"], entry["text"]) for entry in told["in"]] == [("callback", "ok:1")]
    assert [(entry["method"], entry["text"], entry["final"]) for entry in told["out"]] == [
        ("sendMessage", "Shall I?", "Done"),
        ("sendDocument", "Here", "Here"),
    ]
