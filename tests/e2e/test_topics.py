"""Each topic is a conversation of its own: in forums, and in private chats that have topics."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.adapters.media.samples import picture
from tests.crash.campaign import CRASHED
from tests.e2e.forking import forked
from tests.e2e.launch import Launch, command_line
from tests.e2e.process import Installation, Sections
from tests.e2e.serving import GUEST, OWNER, rows, serving
from tests.e2e.strangers_web import strangers_web
from tests.e2e.talking import QUESTION, Talk, call, play
from tests.peers.llm.script import Fault as ModelFault
from tests.peers.llm.script import Rule
from tests.peers.telegram.wire import Json

FORUM = -1001
EXITS_WITHIN = 20.0


@asynccontextmanager
async def running(
    folder: Path, sections: Sections | None = None, *, launch: Launch = command_line
) -> AsyncIterator[Installation]:
    """Run minibot in a forum of which it is an administrator, and in chats with topics."""
    here: Sections = {"channels.telegram": {"allowed_chat_ids": [FORUM]}, **(sections or {})}
    async with serving(folder, sections=here) as installation:
        telegram = installation.telegram
        telegram.topics_enabled = True
        forum = telegram.chat(FORUM)
        forum.is_forum, forum.bot_admin = True, True
        await (await installation.start(launch)).listening()
        yield installation
        minibot = installation.runs[-1]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []
        assert installation.model.stats()["illegal"] == 0


class Topic(Talk):
    """Somebody who talks in one topic."""

    def __init__(self, installation: Installation, thread: int, chat: int = 0) -> None:
        super().__init__(installation, OWNER, chat, name="Owner")
        self.thread = thread

    def say(self, text: str, **more: object) -> int:
        return super().say(text, **{"thread_id": self.thread, **more})

    def told(self) -> list[Json]:
        return [each for each in super().told() if thread_of(each) in (None, self.thread)]


def thread_of(event: Json) -> int | None:
    thread = event.get("message_thread_id", event.get("params", {}).get("message_thread_id"))
    return None if thread is None else int(thread)


def opened_by(talk: Talk, **more: object) -> Topic:
    """Let a person open a topic with their client."""
    spec = {"kind": "topic", "chat_id": talk.chat, "user_id": talk.person, "name": "Mine", **more}
    thread = talk.telegram.inject(spec)["thread_id"]
    return Topic(talk.installation, thread, talk.chat)


async def opened(talk: Talk, command: str) -> Topic:
    """Have minibot open a topic."""
    talk.look_from_here()
    talk.say(command)
    (created,) = await talk.shown("", method="createForumTopic")
    topic = Topic(talk.installation, created["message_thread_id"], talk.chat)
    topic.since = talk.since
    await talk.shown("A conversation of its own")
    return topic


def named(installation: Installation, topic: Topic) -> str:
    return installation.telegram.chat(topic.chat).topics[topic.thread].name


def threads(talk: Talk, *methods: str) -> set[int | None]:
    """Give the topics of what was done in a chat since, all topics taken together."""
    spec = {"chat_id": talk.chat, "dir": "out", "since": talk.since}
    events = talk.telegram.transcript.select(spec)
    return {thread_of(event) for event in events if event["method"] in methods}


def last_question(installation: Installation) -> str:
    """Give all that the model was shown of a conversation with its newest question."""
    return str(installation.model.bodies[-1]["messages"])


async def test_everything_in_a_private_topic_stays_there(tmp_path: Path) -> None:
    async with (
        strangers_web(lambda name: f"Page {name}") as web,
        running(tmp_path, {**web.sections, "streaming": {"transport": "auto"}}) as installation,
    ):
        here, there = (opened_by(Talk(installation, OWNER)) for _ in range(2))
        slow = {"match": "at length", "tokens_per_s": 30, "steps": [{"text": "word " * 60}]}
        installation.model.rules.append(Rule.from_json(slow))
        wait = {"match": "think", "ttft": 0.5, "steps": [{"text": "I thought."}]}
        installation.model.rules.append(Rule.from_json(wait))
        play(
            installation,
            "remind me",
            call("schedule", text="Tea", kind="reminder", delay_seconds=1),
            "I will.",
        )
        play(installation, "soon", call("create_tasks", tasks=[task("Look it up")]), "I am at it.")
        installation.model.rules.append(Rule.from_json({"match": "Look it up", "text": "Found."}))
        read = call("http_fetch", url=f"{web.home}/page/1")
        write = call("file_write", path="a.txt", text="first")
        play(installation, "please", read, write, "Written.")

        await here.ask("Our dog is Bob", "Our dog is Bob")
        await there.ask("who is it?", "who is it?")
        assert "Bob" not in last_question(installation)
        await here.ask("who is it?", "who is it?")
        assert "Bob" in last_question(installation)

        await here.ask("think", "I thought.")
        assert threads(here, "sendChatAction", "sendMessage") == {here.thread}
        await there.ask("remind me", "⏰ Tea")
        await there.ask("soon", "Found.")
        card = await there.ask("please", QUESTION)
        assert await there.press(card, "Once") == "✅ Allowed once"
        await there.shown("Written.")
        there.look_from_here()
        there.say("at length")
        await there.shown("word", method="sendMessageDraft")
        installation.telegram.inject({"kind": "stop", "chat_id": OWNER})
        stopped = (await there.shown("word"))[-1]
        assert "word " * 60 not in stopped["text"]
        there.since = here.since
        methods = ("sendMessage", "sendMessageDraft", "sendChatAction")
        assert threads(there, *methods) == {here.thread, there.thread}
        events = installation.telegram.transcript.select({"chat_id": OWNER, "dir": "error"})
        assert events == []


def task(prompt: str) -> Json:
    return {"name": "one", "description": prompt, "kind": "llm_prompt"}


async def test_a_topic_is_opened_by_command_and_has_its_own_choices(tmp_path: Path) -> None:
    async with running(tmp_path) as installation:
        talk = Talk(installation, OWNER)
        topic = await opened(talk, "/topic  Summer in\nRome")
        (told,) = await talk.shown("I opened the topic “Summer in Rome”")
        assert thread_of(told) is None
        (welcome,) = await topic.shown("A conversation of its own")
        assert thread_of(welcome) == topic.thread
        assert "takes its name" not in welcome["text"]

        await topic.ask("/prompt Answer like a pirate.", "I follow these instructions")
        await topic.ask("ahoy", "ahoy")
        assert "pirate" in last_question(installation)
        await talk.ask("hello", "hello")
        assert "pirate" not in last_question(installation)
        assert named(installation, topic) == "Summer in Rome"

        await talk.ask(f"/topic {'x' * 129}", "has at most 128 characters, and this one has 129")
        await talk.ask("/topic *bold* _name_", "“*bold* _name_”")
        assert rows(installation, "SELECT * FROM preferences WHERE name = 'topic_opening'") == []


async def test_an_untitled_topic_takes_its_name_from_the_first_exchange(tmp_path: Path) -> None:
    async with running(tmp_path) as installation:
        talk = Talk(installation, OWNER)
        rule = {"match": "^Question: what about Rome", "text": "“**Roman holidays**.”\nHave fun!"}
        installation.model.rules.append(Rule.from_json(rule))
        topic = await opened(talk, "/topic")
        assert named(installation, topic) == "New conversation"
        assert "takes its name" in (await topic.shown("A conversation of its own"))[0]["text"]
        await topic.ask("/model", "I ask this model")
        await topic.ask("what about Rome?", "what about Rome?")
        await topic.shown("Roman holidays", method="editForumTopic")
        await topic.ask("and Milan?", "and Milan?")

        installation.model.faults.append(ModelFault(kind="status", status=400, match="^Question:"))
        for question, name in {
            "How long does it take to walk from Rome to Milan in the summer?\nI am slow.": (
                "How long does it take to walk from Rome to…"
            ),
            "*Tea*, please!": "Tea, please!",
        }.items():
            other = await opened(talk, "/topic")
            await other.ask(question, "Echo")
            await other.shown(name, method="editForumTopic")
            assert named(installation, other) == name
        assert named(installation, topic) == "Roman holidays"

        kept = await opened(talk, "/topic")
        kept.say("", extra={"forum_topic_edited": {"name": "My own"}})
        await kept.ask("what about Naples?", "Echo")
        made_up = opened_by(talk, name="how are y…", implicit=True)
        await made_up.ask("how are you today", "how are you today")
        await made_up.shown("how are you today", method="editForumTopic")
        chosen = opened_by(talk, name="Chosen")
        await chosen.ask("how are you today", "how are you today")
        await made_up.ask("again", "again")
        assert named(installation, chosen) == "Chosen"
        assert named(installation, kept) == "New conversation", "as the peer changed nothing itself"
        assert named(installation, made_up) == "how are you today"


async def test_where_there_can_be_no_topic_it_says_what_to_do(tmp_path: Path) -> None:
    async with running(tmp_path) as installation:
        telegram, forum = installation.telegram, installation.telegram.chat(FORUM)
        talk, group = Talk(installation, OWNER), Talk(installation, OWNER, FORUM, name="Owner")
        telegram.topics_enabled = False
        await talk.ask("/topic Rome", "Threaded Mode")
        forum.bot_admin = False
        await group.ask("/topic Rome", "the right to manage topics")
        forum.is_forum = False
        await group.ask("/topic Rome", "This group has no topics")
        assert len(telegram.ephemerals(FORUM, OWNER)) == 2

        telegram.topics_enabled = forum.is_forum = forum.bot_admin = True
        await opened(talk, "/topic Rome")
        await opened(group, "/topic Rome")


async def test_in_a_forum_it_answers_what_is_said_to_it_in_each_topic(tmp_path: Path) -> None:
    async with running(tmp_path) as installation:
        rule = {"match": "think", "ttft": 0.5, "steps": [{"text": "I thought."}]}
        installation.model.rules.append(Rule.from_json(rule))
        group = Talk(installation, OWNER, FORUM, name="Owner")
        topic = await opened(group, "/topic Rome")
        welcome = (await topic.shown("A conversation of its own"))[0]
        assert "I answer what is said to me" in welcome["text"]

        # Whatever is written there answers the message by which minibot opened it.
        topic.say("nice weather", mention=False)
        meant = topic.say("hello you")
        (answer,) = await topic.shown("hello you")
        assert answer["params"]["reply_parameters"]["message_id"] == meant
        followed = topic.say("and you?", mention=False, reply_to=answer["message_id"])
        (answer,) = await topic.shown("and you?")
        assert answer["params"]["reply_parameters"]["message_id"] == followed
        assert "hello you" in last_question(installation)
        assert "nice weather" not in last_question(installation)

        group.look_from_here()
        group.say("think")
        await group.shown("I thought.")
        assert threads(group, "sendMessage") == {None}
        assert threads(group, "sendChatAction") == {1}
        assert "hello you" not in last_question(installation)
        conversations = rows(installation, "SELECT key FROM conversations ORDER BY key")
        assert conversations == [(f"telegram:{FORUM}",), (f"telegram:{FORUM}:{topic.thread}",)]


async def test_no_topic_is_opened_twice_when_the_process_dies_over_it(tmp_path: Path) -> None:
    async with running(tmp_path, launch=forked) as installation:
        talk = Talk(installation, OWNER)
        assert await installation.runs[-1].stop() == 0
        dying = await installation.start(forked, crash_point="P4")
        await dying.listening()
        talk.say("/topic Rome")
        assert await dying.exits_within(EXITS_WITHIN) == CRASHED

        await (await installation.start(forked)).listening()
        await talk.shown("Send /topic again if you do not see it")
        assert len(await talk.shown("Rome", method="createForumTopic")) == 1
        topic = await opened(talk, "/topic Rome")
        await topic.ask("hello", "hello")


async def test_what_a_group_has_follows_it_to_its_new_id(tmp_path: Path) -> None:
    moved_to = -100_777
    sees: Sections = {"llm.capabilities": {"vision": True}}
    async with running(tmp_path, sees) as installation:
        telegram = installation.telegram
        telegram.chat(FORUM).is_forum = False
        group = Talk(installation, OWNER, FORUM, name="Owner")
        play(
            installation,
            "remind us",
            call("schedule", text="Tea", kind="reminder", delay_seconds=5),
            "I will.",
        )
        play(installation, "note that", call("note_save", title="dog", data="Bob"), "Noted.")
        await group.ask("Our cat is Tom", "Our cat is Tom")
        await group.ask("/groupmode always", "Messages I answer")
        await group.ask("please note that", "Noted.")
        await group.ask("please remind us", "I will.")
        photo = {"base64": b64encode(picture(64, 64)).decode()}
        await group.ask("see this", "see this", kind="photo", file=photo)
        wait = {"match": "think", "ttft": 1.0, "steps": [{"text": "I thought."}]}
        installation.model.rules.append(Rule.from_json(wait))
        group.say("please think")
        await group.shown("typing", method="sendChatAction")
        group.say("and behind that?")

        group.look_from_here()
        telegram.inject({"kind": "migrate", "chat_id": FORUM, "user_id": GUEST, "to": moved_to})
        moved = Talk(installation, OWNER, moved_to, name="Owner")
        await moved.shown("I thought.")
        await moved.shown("and behind that?")
        await moved.shown("⏰ Owner: Tea")
        await moved.ask("what is our cat?", "what is our cat?", mention=False)
        assert "Our cat is Tom" in last_question(installation)
        assert "image_url" in last_question(installation)
        await moved.ask("/memory", "Bob")
        assert [event["text"] for event in group.told() if event["method"] == "sendMessage"] == []
