"""Whom minibot answers in groups, row by row, and what only one person there is shown."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.process import Installation, Minibot, Sections
from tests.e2e.serving import GUEST, OWNER, serving, until
from tests.e2e.talking import Talk, put_in_force
from tests.peers.llm.script import Fault as ModelFault
from tests.peers.telegram.faults import Fault
from tests.peers.telegram.wire import Json

ADDRESSED, ALWAYS, OFF = -1001, -1002, -1003
GROUPS = {"addressed": ADDRESSED, "always": ALWAYS, "off": OFF}
CHANNEL = -1009
IN_GROUPS: Sections = {"channels.telegram": {"allowed_chat_ids": [*GROUPS.values(), CHANNEL]}}
USERNAME = "fake_test_bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that is written, and in which modes of a group it is answered."""

    spec: Json
    answered: str = ""
    """The modes, with a space between two."""
    raw: Json = field(default_factory=dict)
    """Given instead: an update as it is."""


IN_THE_NAME_OF_CHANNEL: Json = {"sender_chat": {"id": CHANNEL, "type": "channel", "title": "News"}}
AUTO_FORWARD: Json = {
    **IN_THE_NAME_OF_CHANNEL,
    "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
    "is_automatic_forward": True,
}


def says(text: str, answered: str = "", **more: Any) -> Row:
    return Row(spec={"text": text, **more}, answered=answered)


WHEN_MEANT = "addressed always"


def rows(bot: Json) -> dict[str, Row]:
    """Give all there are, by what each shows."""
    said = {"message_id": 1, "date": 1, "from": bot, "text": "what I said"}
    in_reply = {"reply_to_message": said}
    by_name = [{"type": "text_mention", "offset": 0, "length": 3, "user": bot}]
    somebody = {**said, "from": {"id": 8, "is_bot": False, "first_name": "Guest"}}
    return {
        "a mention": says("hello", WHEN_MEANT, mention=True),
        "a mention in the middle": says(f"hello @{USERNAME.upper()} there", WHEN_MEANT),
        "a mention by name": says("Bot, hello", WHEN_MEANT, extra={"entities": by_name}),
        "a reply to what it said": says("and then?", WHEN_MEANT, extra=in_reply),
        "a command": says("/whoami", "addressed always off"),
        "a command to it": says(f"/whoami@{USERNAME}", "addressed always off"),
        "a command to another bot": says("/whoami@other_bot"),
        "a command to another bot, with its name": says(f"/ask@other_bot about @{USERNAME}"),
        "a command to another bot, with a trigger word": says("/ask@other_bot about minibot"),
        "a command to another bot, in reply": says("/whoami@other_bot", extra=in_reply),
        "a trigger word": says("does minibot know?", WHEN_MEANT),
        "a trigger word in capitals, with a comma": says("MiniBot, hello", WHEN_MEANT),
        "a trigger word under a picture": Row(
            spec={"kind": "photo", "caption": "look, minibot", "file": {"size": 100}},
            answered=WHEN_MEANT,
        ),
        "a trigger word inside another word": says("all the minibots", "always"),
        "a trigger word in an address": says("see https://minibot.example/x", "always"),
        "a trigger word in somebody's name": says("ask @minibot about it", "always"),
        "plain talk": says("nice weather", "always"),
        "a mention of somebody else": says("@somebody hello", "always"),
        "a reply to somebody else": says(
            "yes",
            "always",
            extra={"reply_to_message": somebody},
        ),
        "an anonymous administrator": says("hello", mention=True, anonymous=True),
        "somebody in the name of a channel": says("hello", mention=True, as_channel=CHANNEL),
        "a post of the linked channel": says("hello", mention=True, extra=AUTO_FORWARD),
        "another bot": says("hello", mention=True, user={"is_bot": True}),
        "a stranger": says("hello", mention=True, user_id=500),
        "a post in a channel": Row(
            spec={},
            raw={
                "channel_post": {
                    "message_id": 1,
                    "date": 1,
                    "chat": {"id": CHANNEL, "type": "channel", "title": "News"},
                    "text": f"@{USERNAME} hello",
                }
            },
        ),
    }


class Group:
    """A group in which rows are written."""

    def __init__(self, installation: Installation, chat: int) -> None:
        self.telegram = installation.telegram
        self.chat = chat

    async def write(self, row: Row, *, answered: bool) -> int:
        """Write, and wait for the answer where there is to be one; gives the message's id."""
        if row.raw:
            self.telegram.inject({"update": row.raw, "unfiltered": True})
            return 0
        spec = {"chat_id": self.chat, "user_id": OWNER, **row.spec}
        number = int(self.telegram.inject(spec)["message_id"])
        if answered:
            with suppress(TimeoutError):
                await until(lambda: number in self.answered(), within=10.0)
        return number

    def answered(self) -> Sequence[int]:
        """Give the messages that were answered, in order."""
        spec = {"chat_id": self.chat, "dir": "out"}
        events = self.telegram.transcript.select(spec)
        return [
            event["params"]["reply_parameters"]["message_id"]
            for event in events
            if event["method"] == "sendMessage"
        ]


async def started(installation: Installation) -> Minibot:
    minibot = await installation.start()
    await minibot.listening()
    return minibot


async def test_each_row_is_answered_in_its_modes_and_no_other(tmp_path: Path) -> None:
    async with serving(tmp_path, sections=IN_GROUPS) as installation:
        minibot = await started(installation)
        for mode in ("always", "off"):
            owner = Talk(installation, OWNER, GROUPS[mode], name="Owner")
            await owner.ask(f"/groupmode {mode}", "Messages I answer")
        expected, seen = {}, {}
        for mode, chat in GROUPS.items():
            group = Group(installation, chat)
            written = {}
            for name, row in rows(installation.telegram.default_bot.user()).items():
                expected[mode, name] = mode in row.answered.split()
                written[name] = await group.write(row, answered=expected[mode, name])
            # Lines are served in order: when this is answered, so was all before it.
            await group.write(says("/whoami"), answered=True)
            for name, number in written.items():
                seen[mode, name] = number in group.answered()
            assert len(group.answered()) == len(set(group.answered()))

        assert {row: seen[row] for row in seen if seen[row] != expected[row]} == {}
        assert installation.telegram.transcript.select({"chat_id": CHANNEL, "dir": "out"}) == []
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_what_config_says_holds_where_a_group_did_not_choose(tmp_path: Path) -> None:
    async with serving(tmp_path, sections=IN_GROUPS) as installation:
        minibot = await started(installation)
        group = Group(installation, ADDRESSED)
        owner = Talk(installation, OWNER, ADDRESSED, name="Owner")
        shown = await owner.ask("/groupmode", "Messages I answer")
        assert "as configured (those to me)" in shown["text"]
        words = ["Ёлка", "小助手", "hey bot"]
        await put_in_force(
            installation,
            {"channels.telegram.groups": {"mode": "addressed", "trigger_words": words}},
        )
        rows = {
            "a word of another alphabet": says("а что думает ЁЛКА?", WHEN_MEANT),
            "composed otherwise": says("Е\u0308лка, привет", WHEN_MEANT),
            "inside another word": says("ёлками", ""),
            "a language without spaces": says("请问小助手今天如何", WHEN_MEANT),
            "two words": says("Hey\n BOT what now", WHEN_MEANT),
            "what is none any more": says("minibot?", ""),
        }
        for row in rows.values():
            await group.write(row, answered=bool(row.answered))
        await put_in_force(installation, {"channels.telegram.groups": {"mode": "always"}})
        await group.write(says("nobody is meant"), answered=True)
        assert len(group.answered()) == 1 + 4 + 1

        assert (await owner.ask("/groupmode off", "Messages I answer"))["text"].count("none")
        number = await group.write(says("hello", mention=True), answered=False)
        await owner.ask("/groupmode default", "as configured (all)")
        await group.write(says("nobody is meant"), answered=True)
        assert number not in group.answered()
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_a_topic_goes_by_its_group_until_it_chose(tmp_path: Path) -> None:
    async with serving(tmp_path, sections=IN_GROUPS) as installation:
        minibot = await started(installation)
        telegram, group = installation.telegram, Group(installation, ADDRESSED)
        telegram.chat(ADDRESSED).is_forum = True
        topic = telegram.inject(
            {"kind": "topic", "chat_id": ADDRESSED, "user_id": OWNER, "name": "Rome"}
        )["thread_id"]
        owner = Talk(installation, OWNER, ADDRESSED, name="Owner")
        await owner.ask("/groupmode always", "Messages I answer")
        await group.write(says("nobody is meant", thread_id=topic), answered=True)
        await owner.ask("/groupmode addressed", "those to me", thread_id=topic)
        silent = await group.write(says("nobody is meant", thread_id=topic), answered=False)
        await group.write(says("hello", thread_id=topic, mention=True), answered=True)
        await group.write(says("nobody is meant"), answered=True)
        assert silent not in group.answered()
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


def only_for(installation: Installation, person: int) -> list[str]:
    return [message["text"] for message in installation.telegram.ephemerals(ADDRESSED, person)]


async def test_service_notices_are_shown_to_the_caller_alone(tmp_path: Path) -> None:
    async with serving(tmp_path, sections=IN_GROUPS) as installation:
        minibot = await started(installation)
        guest = Talk(installation, GUEST, ADDRESSED, name="Guest")
        await guest.ask("/help", "/groupmode")
        await guest.ask("/prompt Be rude.", "only my owner")
        await guest.ask("/remind", "/remind")
        installation.model.faults.append(ModelFault(kind="status", status=400, times=1))
        await guest.ask("please fail", "refused this request")
        alone = only_for(installation, GUEST)
        assert len(alone) == 4
        assert only_for(installation, OWNER) == []

        answer = await guest.ask("and now?", "and now?")
        assert answer["message_id"]
        assert only_for(installation, GUEST) == alone

        refusal = Fault(
            method="sendMessage", kind="status", code=400, times=1, chat_id=ADDRESSED,
            description="Bad Request: ephemeral messages can't be sent to this chat",
        )  # fmt: skip
        installation.telegram.faults.append(refusal)
        told = await guest.ask("/help", "/groupmode")
        assert told["message_id"]
        assert "ephemeral_message_parameters" not in told["params"]
        assert only_for(installation, GUEST) == alone
        assert await minibot.stop() == 0
        assert minibot.accidents() == []
