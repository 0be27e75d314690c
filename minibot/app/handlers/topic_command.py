"""/topic opens a topic and begins a conversation in it."""

from dataclasses import dataclass

from minibot.app.channels import ChannelSet
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.crash_points import CrashPoints
from minibot.app.handlers.command import Command, notice, runs_chat
from minibot.app.handlers.group_mode import group_mode
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.topic_titles import TITLE, Title
from minibot.app.uninterrupted import uninterrupted
from minibot.core.access import open_to_strangers
from minibot.core.chat_settings import GroupMode
from minibot.core.errors import ChannelError, SendFailed, TopicsImpossible
from minibot.core.messages import ChatRef
from minibot.core.outbox import Draft
from minibot.core.ports import Preferences, Topics
from minibot.core.texts import Texts
from minibot.core.topics import LONGEST_NAME, TopicLack

OPENING = "topic_opening"
"""Of the conversation in which a topic is asked for: ``<inbox id>:<thread>`` from before it is
opened until its turn is recorded; without a thread nobody knows whether it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCommand:
    """Opens topics: none twice, be it that the process dies at any instant."""

    channels: ChannelSet
    chats: ChatSettingsBook
    preferences: Preferences
    crash_points: CrashPoints

    def commands(self) -> dict[str, Command]:
        return {
            "topic": Command(run=self._topic, help="open a topic: /topic Summer in Rome"),
        }

    async def _topic(self, context: TurnContext, rest: str) -> Answer:
        texts, message = self.chats.texts(context.message), context.message
        channel = self.channels.find(message.chat.channel)
        if channel is None or channel.topics is None:
            return notice(texts.topic_nowhere)
        if not runs_chat(context) and open_to_strangers(
            context.settings, message.chat, private=message.private
        ):
            return notice(texts.owners_only)
        name = " ".join(rest.split())
        if len(name) > LONGEST_NAME:
            said = texts.topic_name_too_long.format(length=len(name), limit=LONGEST_NAME)
            return notice(said)
        try:
            place = await self._opened(context, channel.topics, name)
        except TopicsImpossible as error:
            return _unopened(_way_out(error.lack, texts), str(error))
        except SendFailed as error:
            return _unopened(texts.topic_in_doubt, str(error))
        except ChannelError as error:
            return _unopened(texts.failed.format(problem=literal(str(error))), str(error))
        if place is None:
            return _unopened(texts.topic_in_doubt, "a process died while it opened a topic")
        return self._answer(context, place, name)

    async def _opened(self, context: TurnContext, topics: Topics, name: str) -> ChatRef | None:
        """Give the topic of this turn; None when an earlier try of it may have opened one."""
        message, conversation = context.message, context.item.conversation
        item, _, thread = self.preferences.get(conversation, OPENING).partition(":")
        if item == str(context.item.id):
            chat = message.chat
            if not thread:
                return None
            return ChatRef(channel=chat.channel, chat_id=chat.chat_id, thread_id=thread)
        await self.preferences.set(conversation, OPENING, f"{context.item.id}:")
        return await uninterrupted(self._open(context, topics, name))

    async def _open(self, context: TurnContext, topics: Topics, name: str) -> ChatRef:
        texts = self.chats.texts(context.message)
        place = await topics.open(context.message.chat, name or texts.topic_untitled)
        self.crash_points.reach("P4")
        opening = f"{context.item.id}:{place.thread_id}"
        await self.preferences.set(context.item.conversation, OPENING, opening)
        if not name:
            await self.preferences.set(place.key, TITLE, Title.WANTED)
        return place

    def _answer(self, context: TurnContext, place: ChatRef, name: str) -> Answer:
        """Say where it went on, and begin there."""
        texts, message = self.chats.texts(context.message), context.message
        welcome = [texts.topic_welcome]
        if not name:
            welcome.append(texts.topic_titles_itself)
        mode = group_mode(self.chats, place, context.settings)
        if not message.private and mode is not GroupMode.ALWAYS:
            welcome.append(texts.topic_in_group)
        parts = self.channels.render(place.channel, "\n\n".join(welcome))
        return Answer(
            markdown=texts.topic_opened.format(name=literal(name or texts.topic_untitled)),
            notice=True,
            choices=((OPENING, ""),),
            drafts=tuple(
                Draft(
                    key=f"topic:{context.item.id}:{number}",
                    chat=place,
                    part=part,
                    inbox_id=context.item.id,
                )
                for number, part in enumerate(parts)
            ),
        )


def _unopened(said: str, problem: str) -> Answer:
    return Answer(markdown=said, notice=True, choices=((OPENING, ""),), problem=problem)


def _way_out(lack: TopicLack, texts: Texts) -> str:
    match lack:
        case TopicLack.SWITCHED_OFF:
            return texts.topic_needs_mode
        case TopicLack.NO_FORUM:
            return texts.topic_needs_forum
        case TopicLack.NO_RIGHTS:
            return texts.topic_needs_rights
