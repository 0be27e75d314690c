"""/topic: one topic for each wish, and words for whatever stands in the way."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minibot.app.crash_points import CrashPoints
from minibot.app.handlers.commands import Commands
from minibot.app.handlers.topic_command import OPENING, TopicCommand
from minibot.app.pipeline import Answer, compose
from minibot.app.topic_titles import TITLE, Title
from minibot.core.chat_settings import GroupMode
from minibot.core.errors import ChannelError, SendFailed, SendRefused, SlowDown, TopicsImpossible
from minibot.core.texts import ENGLISH
from minibot.core.topics import TopicLack
from tests.app.rig import Rig, in_background, say_done
from tests.app.turn_context import make_context
from tests.fakes import FakeTopics, make_chat

HERE, THERE = "telegram:42", "telegram:42:900"


class Opening:
    """The command, in a channel that is on."""

    def __init__(self) -> None:
        self.rig = rig = Rig()
        self.topics = rig.channel.topics = FakeTopics()
        command = TopicCommand(
            channels=rig.channels,
            chats=rig.chats,
            preferences=rig.storage.preferences,
            crash_points=CrashPoints(),
        )
        self._handle = compose(say_done, [Commands(command.commands(), rig.chats.texts)])

    async def say(self, text: str, *, item_id: int = 1, **fields: Any) -> Answer:
        settings = self.rig.live.current
        answer = await self._handle(
            make_context(text, settings=settings, item_id=item_id, **fields)
        )
        assert answer.notice
        return answer

    def kept(self, conversation: str, name: str) -> str:
        return self.rig.storage.preferences.get(conversation, name)


@pytest.fixture
async def opening() -> AsyncIterator[Opening]:
    made = Opening()
    async with in_background(made.rig.channels.run):
        yield made


async def test_a_topic_is_opened_and_begun(opening: Opening) -> None:
    answer = await opening.say("/topic  Rome\nand *Milan*")
    assert opening.topics.named == {THERE: "Rome and *Milan*"}
    assert answer.markdown == ENGLISH.topic_opened.format(name=r"Rome and \*Milan\*")
    (draft,) = answer.drafts
    assert (draft.chat.key, draft.part.text) == (THERE, ENGLISH.topic_welcome)
    assert opening.kept(THERE, TITLE) == ""


async def test_one_without_a_name_is_to_get_one(opening: Opening) -> None:
    answer = await opening.say("/topic")
    assert opening.topics.named == {THERE: ENGLISH.topic_untitled}
    assert ENGLISH.topic_titles_itself in answer.drafts[0].part.text
    assert opening.kept(THERE, TITLE) == Title.WANTED


async def test_a_turn_that_runs_again_opens_no_second_one(opening: Opening) -> None:
    first = await opening.say("/topic Rome")
    assert opening.kept(HERE, OPENING) == "1:900"
    assert await opening.say("/topic Rome") == first
    assert opening.topics.named == {THERE: "Rome"}
    # Recorded with the answer.
    assert first.choices == ((OPENING, ""),)


async def test_nobody_knows_of_one_over_which_the_process_died(opening: Opening) -> None:
    await opening.rig.storage.preferences.set(HERE, OPENING, "1:")
    answer = await opening.say("/topic Rome")
    assert (answer.markdown, answer.choices) == (ENGLISH.topic_in_doubt, ((OPENING, ""),))
    assert opening.topics.named == {}
    await opening.say("/topic Rome", item_id=2)
    assert opening.topics.named == {THERE: "Rome"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TopicsImpossible(TopicLack.SWITCHED_OFF), ENGLISH.topic_needs_mode),
        (TopicsImpossible(TopicLack.NO_FORUM), ENGLISH.topic_needs_forum),
        (TopicsImpossible(TopicLack.NO_RIGHTS), ENGLISH.topic_needs_rights),
        (SendFailed("reset"), ENGLISH.topic_in_doubt),
        (SendRefused("*odd*"), ENGLISH.failed.format(problem=r"\*odd\*")),
        (SlowDown(3), ENGLISH.failed.format(problem="the channel asks to wait 3 s")),
    ],
)
async def test_what_stands_in_the_way_is_told(
    opening: Opening, error: ChannelError, said: str
) -> None:
    opening.topics.script.append(error)
    answer = await opening.say("/topic Rome")
    assert answer.markdown == said
    assert (answer.drafts, answer.choices) == ((), ((OPENING, ""),))
    assert opening.kept(THERE, TITLE) == ""


async def test_where_the_channel_has_none_or_is_off_there_is_none(opening: Opening) -> None:
    opening.rig.channel.topics = None
    assert (await opening.say("/topic Rome")).markdown == ENGLISH.topic_nowhere
    console = make_chat("42", channel="console")
    assert (await opening.say("/topic Rome", chat=console)).markdown == ENGLISH.topic_nowhere


async def test_a_name_has_a_longest_length(opening: Opening) -> None:
    long = ENGLISH.topic_name_too_long.format(length=129, limit=128)
    assert (await opening.say(f"/topic {'x' * 129}")).markdown == long
    await opening.say(f"/topic {'x' * 128}")
    assert opening.topics.named == {THERE: "x" * 128}


async def test_where_strangers_may_talk_only_the_owner_opens_topics(opening: Opening) -> None:
    group: dict[str, Any] = {"chat": make_chat("-100"), "private": False}
    assert (await opening.say("/topic Rome", **group)).markdown == ENGLISH.owners_only
    answer = await opening.say("/topic Rome", sender_id="7", **group)
    assert ENGLISH.topic_in_group in answer.drafts[0].part.text
    await opening.rig.chats.change("telegram:-100", group_mode=GroupMode.ALWAYS)
    answer = await opening.say("/topic Milan", sender_id="7", item_id=2, **group)
    assert ENGLISH.topic_in_group not in answer.drafts[0].part.text
