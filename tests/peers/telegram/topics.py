"""Topics of forums and of private chats: which there are, and whether one may write there."""

from __future__ import annotations

from tests.peers.telegram.wire import bad_request, is_int
from tests.peers.telegram.world import Bot, Call, Chat, Topic

GENERAL = 1
"""The topic every forum has. It is named by naming none, but for sendChatAction."""


def thread_of(call: Call, chat: Chat) -> int | None:
    """The topic a call writes to, if there is one by that number and it is open."""
    raw = call.params.get("message_thread_id")
    if raw is None or raw == "":
        return None
    thread = int(str(raw)) if is_int(raw) else 0
    if thread <= 0:
        raise bad_request("invalid message thread identifier specified")
    if not takes_any_thread(chat):
        topic = chat.topics.get(thread)
        if topic is None:
            raise bad_request("message thread not found")
        if topic.closed and not chat.bot_admin:
            raise bad_request("TOPIC_CLOSED")
    return thread


def takes_any_thread(chat: Chat) -> bool:
    """Whether a group of which nobody said what it is takes any number for a thread of replies."""
    return chat.is_forum is None and chat.type not in ("private", "channel")


def number_for_topic(bot: Bot) -> int:
    """Take the number of the message that opens a topic, which becomes the topic's."""
    number = max(bot.next_message_id, GENERAL + 1)
    bot.next_message_id = number + 1
    return number


def learn_thread(chat: Chat, thread: object) -> None:
    """Know a topic somebody wrote in."""
    if isinstance(thread, int) and thread != GENERAL:
        chat.topics.setdefault(thread, Topic(id=thread, name=f"Topic {thread}"))
