"""Rich messages where chats chose them, and what happens where they are refused."""

from dataclasses import replace

import pytest

from minibot.app.rich_forms import ChosenRichForms
from minibot.core.chat_settings import Switch
from minibot.core.messages import ChatRef, Part, Person
from minibot.core.outbox import Draft, OutgoingPart
from tests.app.rig import Rig
from tests.fakes import make_arrival, make_chat, make_message

CHAT = make_chat()


class Refusing:
    """A part that is refused, and whoever takes note of it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.forms = ChosenRichForms(rig.chats, rig.storage.outcomes, tell=rig.tell)

    async def part(self) -> OutgoingPart:
        """Give the answer to somebody whose client speaks German."""
        asked = make_arrival("1", chat=CHAT)
        person = make_message(chat=CHAT, sender=Person(id="42", language="de"))
        (event,) = await self.rig.storage.inbox.admit([replace(asked, message=person)])
        answer = Part(text="a", rich="{}")
        draft = Draft(key="a:0", chat=CHAT, part=answer, inbox_id=event.inbox_id)
        (part,) = await self.rig.storage.outbox.enqueue([draft])
        return part

    async def notices(self) -> list[str]:
        waiting = await self.rig.storage.outbox.waiting()
        return [part.part.text for part in waiting if part.key.startswith("rich-off:")]


@pytest.fixture
async def refusing() -> Refusing:
    rig = Rig()
    await rig.chats.change(CHAT.key, rich=Switch.ON)
    return Refusing(rig)


async def test_they_are_wanted_only_where_they_were_chosen(refusing: Refusing) -> None:
    assert refusing.forms.wanted(CHAT)
    assert not refusing.forms.wanted(make_chat("43"))
    await refusing.rig.chats.change(CHAT.key, rich=Switch.DEFAULT)
    assert not refusing.forms.wanted(CHAT)


async def test_refused_they_are_off_for_good_and_it_is_told_once(refusing: Refusing) -> None:
    part = await refusing.part()
    for _ in range(2):
        await refusing.forms.refused(part, "method not found")
    assert refusing.rig.chats.of(CHAT.key).rich is Switch.OFF
    (notice,) = await refusing.notices()
    assert notice.startswith("Gestaltete Nachrichten gehen hier nicht")
    assert "\n" not in notice


async def test_told_but_not_recorded_it_is_not_told_again(refusing: Refusing) -> None:
    part = await refusing.part()
    await refusing.forms.refused(part, "method not found")
    await refusing.rig.chats.change(CHAT.key, rich=Switch.ON)  # as if it had died before
    await refusing.forms.refused(part, "method not found")
    assert len(await refusing.notices()) == 1
    assert not refusing.forms.wanted(CHAT)


async def test_language_of_the_chat_goes_before_that_of_the_person(refusing: Refusing) -> None:
    await refusing.rig.chats.change(CHAT.key, language="es")
    await refusing.forms.refused(await refusing.part(), "unsupported")
    assert (await refusing.notices())[0].startswith("Aquí no se admiten")


async def test_part_nobody_asked_for_is_told_in_english(refusing: Refusing) -> None:
    part = replace(await refusing.part(), inbox_id=None)
    await refusing.forms.refused(part, "unsupported")
    assert (await refusing.notices())[0].startswith("Rich messages are not taken here")


async def test_topic_next_door_keeps_its_choice(refusing: Refusing) -> None:
    topic = ChatRef(channel="telegram", chat_id=CHAT.chat_id, thread_id="17")
    await refusing.rig.chats.change(topic.key, rich=Switch.ON)
    await refusing.forms.refused(await refusing.part(), "unsupported")
    assert refusing.forms.wanted(topic)


async def test_storage_that_fails_holds_no_answer_up(
    refusing: Refusing, caplog: pytest.LogCaptureFixture
) -> None:
    part = await refusing.part()
    refusing.rig.faults.fail("outbox.enqueue")
    await refusing.forms.refused(part, "unsupported")
    assert "it is not recorded" in caplog.text
    assert refusing.forms.wanted(CHAT), "the next one is refused again"
