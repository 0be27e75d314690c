"""A person who talks to minibot in one chat, and what they are shown there."""

import json

from tests.e2e.process import Installation, Sections
from tests.e2e.serving import edit, until
from tests.peers.llm.script import Rule
from tests.peers.telegram.wire import Json

WITHIN = 20.0
QUESTION = "🔐"
"""How a message begins that asks for permission."""


class Talk:
    """One person in one chat; in a group they name the bot whenever they say something."""

    def __init__(
        self, installation: Installation, person: int, chat: int = 0, *, name: str = "Somebody"
    ) -> None:
        self.installation = installation
        self.telegram = installation.telegram
        self.person = person
        self.chat = chat or person
        self.name = name
        self.since = 0
        """Where in the transcript to begin to look."""

    def look_from_here(self) -> None:
        self.since = len(self.telegram.events)

    def say(self, text: str, **more: object) -> int:
        """Write something; gives the id of the message."""
        spec: Json = {"chat_id": self.chat, "user_id": self.person, "text": text, **more}
        spec["user"] = {"first_name": self.name, "username": self.name.lower()}
        if self.chat < 0:
            spec.setdefault("mention", True)
        return int(self.telegram.inject(spec)["message_id"])

    async def ask(self, text: str, words: str = "", **more: object) -> Json:
        """Write something and wait for the answer, or for one that holds some words."""
        self.look_from_here()
        self.say(text, **more)
        return (await self.shown(words))[-1]

    async def shown(
        self, words: str, *, number: int = 1, method: str = "sendMessage"
    ) -> list[Json]:
        """Wait until this chat was shown some words so many times; gives the events."""
        transcript = self.telegram.transcript
        spec = {"chat_id": self.chat, "contains": words, "methods": [method], "count": number}
        found = await transcript.wait({**spec, "since": self.since, "timeout": WITHIN})
        assert found["ok"], (self.chat, words, [event["text"] for event in self.told()])
        return [e for e in self.told() if e["method"] == method and words in e["text"]]

    def told(self) -> list[Json]:
        """Give all that the bot did in this chat."""
        spec = {"chat_id": self.chat, "dir": "out", "since": self.since}
        return self.telegram.transcript.select(spec)

    async def press(self, message: Json, label: str, *, by: int = 0) -> str:
        """Press a button that a message was sent with; gives what is shown in answer."""
        return await self.press_data(message, button(message, label), by=by)

    async def press_data(self, message: Json, data: str, *, by: int = 0) -> str:
        """Press, or claim to have pressed, a button with this data."""
        events = self.telegram.events
        spec = {"kind": "callback", "chat_id": self.chat, "user_id": by or self.person}
        press = {**spec, "message_id": message["message_id"], "data": data}
        before = len(events)
        query = self.telegram.inject(press)["callback_query_id"]
        while True:
            for event in events[before:]:
                if event.get("callback_query_id") == query:
                    return str(event["text"])
            before = len(events)
            wait = {"methods": ["answerCallbackQuery"], "since": before, "timeout": WITHIN}
            found = await self.telegram.transcript.wait(wait)
            assert found["ok"], (self.chat, data)


def button(message: Json, label: str) -> str:
    """Give what a button carried when its message was sent, whether or not it is still there."""
    markup = message["params"]["reply_markup"]
    rows = (json.loads(markup) if isinstance(markup, str) else markup)["inline_keyboard"]
    return next(str(each["callback_data"]) for row in rows for each in row if label in each["text"])


def play(installation: Installation, match: str, *steps: Json | list[Json] | str) -> None:
    """Have the model take these steps when somebody says what matches."""
    spelled: list[Json] = []
    for step in steps:
        if isinstance(step, str):
            spelled.append({"text": step})
        else:
            spelled.append({"tool_calls": step if isinstance(step, list) else [step]})
    installation.model.rules.append(Rule.from_json({"match": match, "steps": spelled}))


def call(name: str, **arguments: object) -> Json:
    return {"name": name, "arguments": arguments}


async def put_in_force(installation: Installation, changes: Sections) -> None:
    """Edit config.toml and wait until the process goes by it."""
    minibot = installation.runs[-1]
    before = minibot.log.count("config.toml was read again")
    edit(installation, changes)
    await until(lambda: minibot.log.count("config.toml was read again") > before)


def files(installation: Installation) -> dict[str, str]:
    """Give the files in the folders of all people, by their paths there."""
    trees = (installation.data / "files").glob("*/tree")
    return {
        str(path.relative_to(tree)): path.read_text()
        for tree in trees
        for path in tree.rglob("*")
        if path.is_file()
    }
