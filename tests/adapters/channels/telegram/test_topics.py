"""Opening and naming topics, and what updates tell about them."""

from typing import Any

import pytest

from minibot.adapters.channels.telegram.topics import MOST_REMEMBERED, Places
from minibot.core.errors import SendFailed, SendRefused, SlowDown, TopicsImpossible
from minibot.core.messages import ChatRef
from minibot.core.topics import TopicLack
from tests.adapters.channels.telegram.channel_rig import Rig
from tests.adapters.channels.telegram.scripted_api import ME, Said, ScriptedApi, ok, refusal
from tests.adapters.channels.telegram.test_channel import PART
from tests.adapters.channels.telegram.update_samples import GROUP, Door, group, private, update

FORUM = ChatRef(channel="telegram", chat_id="-1001")
PRIVATE = ChatRef(channel="telegram", chat_id="7")
IN_A_TOPIC = {"message_thread_id": 17, "is_topic_message": True}
IMPLICIT = {"name": "hello", "icon_color": 1, "is_name_implicit": True}
WITH_TOPICS = ok({**ME, "has_topics_enabled": True})
OPENED = ok({"message_thread_id": 17, "name": "Rome", "icon_color": 1})


@pytest.fixture
def rig(api: ScriptedApi) -> Rig[ScriptedApi]:
    return Rig(api)


@pytest.fixture(autouse=True)
async def _closed(rig: Rig[ScriptedApi]) -> object:
    yield
    await rig.channel.close()


async def test_a_topic_is_opened_in_a_forum_and_in_a_private_chat(rig: Rig[ScriptedApi]) -> None:
    rig.api.will_say("createForumTopic", OPENED, OPENED)
    rig.api.will_say("getMe", WITH_TOPICS)
    assert (await rig.channel.topics.open(FORUM, "Rome")).key == "telegram:-1001:17"
    assert (await rig.channel.topics.open(PRIVATE, "Rome")).key == "telegram:7:17"
    asked = [call.parameters for call in rig.api.asked("createForumTopic")]
    assert asked == [{"chat_id": -1001, "name": "Rome"}, {"chat_id": 7, "name": "Rome"}]
    assert len(rig.api.asked("getMe")) == 1


@pytest.mark.parametrize(
    ("chat", "said", "lack"),
    [
        (FORUM, "Bad Request: the chat is not a forum", TopicLack.NO_FORUM),
        (FORUM, "Bad Request: not enough rights to create a topic", TopicLack.NO_RIGHTS),
        (PRIVATE, "Bad Request: the chat is not a forum", TopicLack.SWITCHED_OFF),
    ],
)
async def test_what_is_lacking_is_told(
    rig: Rig[ScriptedApi], chat: ChatRef, said: str, lack: TopicLack
) -> None:
    rig.api.will_say("getMe", WITH_TOPICS)
    rig.api.will_say("createForumTopic", refusal(400, said))
    with pytest.raises(TopicsImpossible) as raised:
        await rig.channel.topics.open(chat, "Rome")
    assert raised.value.lack is lack


async def test_nothing_is_tried_where_private_chats_have_no_topics(rig: Rig[ScriptedApi]) -> None:
    with pytest.raises(TopicsImpossible) as raised:
        await rig.channel.topics.open(PRIVATE, "Rome")
    assert raised.value.lack is TopicLack.SWITCHED_OFF
    assert rig.api.asked("createForumTopic") == []


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (refusal(400, "Bad Request: topic name must be non-empty"), SendRefused),
        (refusal(429, "Too Many Requests", retry_after=3), SlowDown),
        (refusal(502, "Bad Gateway"), SendFailed),
        (refusal(401, "Unauthorized"), SendFailed),
        (ok(True), SendFailed),
        (Said(drop=True), SendFailed),
    ],
)
async def test_whether_there_is_a_topic_now_is_told_by_the_error(
    rig: Rig[ScriptedApi], said: Said, error: type[Exception]
) -> None:
    rig.api.will_say("createForumTopic", said)
    with pytest.raises(error) as raised:
        await rig.channel.topics.open(FORUM, "Rome")
    assert not isinstance(raised.value, TopicsImpossible)


async def test_a_name_that_a_topic_has_already_is_as_good(rig: Rig[ScriptedApi]) -> None:
    topic = ChatRef(channel="telegram", chat_id="-1001", thread_id="17")
    unchanged = refusal(400, "Bad Request: TOPIC_NOT_MODIFIED")
    gone = refusal(400, "Bad Request: TOPIC_ID_INVALID")
    rig.api.will_say("editForumTopic", ok(True), unchanged, gone)
    await rig.channel.topics.rename(topic, "Rome")
    await rig.channel.topics.rename(topic, "Rome")
    with pytest.raises(SendRefused):
        await rig.channel.topics.rename(topic, "Rome")
    asked = {"chat_id": -1001, "message_thread_id": 17, "name": "Rome"}
    assert rig.api.calls[0].parameters == asked


async def test_a_name_that_a_person_gave_is_not_changed(rig: Rig[ScriptedApi]) -> None:
    edited = {"forum_topic_edited": {"name": "Mine"}, **IN_A_TOPIC}
    rig.api.will_say("getUpdates", ok([update(chat=group(), **edited)]))
    rig.api.will_say("editForumTopic", ok(True))
    async with rig.running():
        await rig.api.until_asked("getUpdates", 2)
        for thread in ("17", "18"):
            topic = ChatRef(channel="telegram", chat_id="-1001", thread_id=thread)
            await rig.channel.topics.rename(topic, "Rome")
    renamed = [call.parameters["message_thread_id"] for call in rig.api.asked("editForumTopic")]
    assert renamed == [18]


@pytest.mark.parametrize("said", ["message thread not found", "TOPIC_DELETED", "TOPIC_CLOSED"])
async def test_what_is_for_a_topic_that_is_gone_or_closed_reaches_the_chat(
    rig: Rig[ScriptedApi], said: str
) -> None:
    rig.api.will_say("sendMessage", refusal(400, f"Bad Request: {said}"), ok({"message_id": 77}))
    assert await rig.channel.send(PART) == "77"
    first, second = (call.parameters for call in rig.api.calls)
    assert {key for key in first if key not in second} == {"message_thread_id", "reply_parameters"}


def test_the_general_topic_is_the_conversation_of_the_group() -> None:
    door, forum = Door(), {**group(), "is_forum": True}
    general = {"message_thread_id": 1, "is_topic_message": True}
    assert door.read(chat=forum, text="x", **general).chat.key == f"telegram:{GROUP}"
    assert door.read(chat=forum, text="x", **IN_A_TOPIC).chat.key == f"telegram:{GROUP}:17"
    assert door.read(chat=private(), text="x", **general).chat.key == "telegram:7:1"
    replies = {"message_thread_id": 17}
    assert door.read(chat=group(), text="x", **replies).chat.key == f"telegram:{GROUP}"


def test_typing_in_the_general_topic_is_shown_where_there_are_topics() -> None:
    places = Places()
    assert places.typing_thread(FORUM) is None
    places.learn({"chat": {**group(), "is_forum": True}})
    assert places.typing_thread(FORUM) == 1
    topic = ChatRef(channel="telegram", chat_id="-1001", thread_id="17")
    assert places.typing_thread(topic) == 17
    places.learn({"chat": {**private(), "is_forum": True}})
    assert places.typing_thread(PRIVATE) is None


def test_a_topic_that_a_client_named_is_known_as_unnamed() -> None:
    door = Door()
    assert door.reader.read(update(**IN_A_TOPIC, forum_topic_created=IMPLICIT)) is None
    assert door.read(text="x", **IN_A_TOPIC).unnamed_topic
    assert not door.read(text="x", message_thread_id=18, is_topic_message=True).unnamed_topic
    assert not door.read(text="x").unnamed_topic
    opening: dict[str, Any] = {"message_id": 19, "forum_topic_created": IMPLICIT}
    assert Door().read(text="x", reply_to_message=opening, **IN_A_TOPIC).unnamed_topic
    opening["forum_topic_created"] = {"name": "Rome", "icon_color": 1}
    assert not Door().read(text="x", reply_to_message=opening, **IN_A_TOPIC).unnamed_topic


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    places = Places()
    for number in range(MOST_REMEMBERED + 1):
        places.learn({"chat": {"id": -number, "type": "supergroup", "is_forum": True}})
    assert places.typing_thread(ChatRef(channel="telegram", chat_id="-0")) is None
    last = ChatRef(channel="telegram", chat_id=f"-{MOST_REMEMBERED}")
    assert places.typing_thread(last) == 1
