"""A conversation whose last answer is changed, and what is seen of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.e2e.process import Installation, Sections
from tests.e2e.serving import OWNER, rows, serving, until
from tests.e2e.talking import Talk, play
from tests.peers.llm.script import Rule
from tests.peers.telegram.wire import Json

GROUP = -100
EDIT = "editMessageText"
FAR = "The capital of {} is far away."


@asynccontextmanager
async def talking(
    folder: Path, *, chat: int = OWNER, sections: Sections | None = None
) -> AsyncIterator[tuple[Installation, Talk]]:
    """Talk with a model that says something new each time, and takes its time for reports."""
    here: Sections = {"channels.telegram": {"allowed_chat_ids": [GROUP]}, **(sections or {})}
    async with serving(folder, sections=here) as installation:
        slow = {"match": "report", "ttft": 1.5, "steps": [{"text": "Here is {last_user}"}]}
        installation.model.rules.append(Rule.from_json(slow))
        for number in range(1, 5):
            play_once(installation, "joke", f"Joke {number}.")
        play(installation, "capital of (\\w+)", "The capital of {1} is far away.")
        await (await installation.start()).listening()
        yield installation, Talk(installation, OWNER, chat)
        assert installation.runs[-1].accidents() == []


def play_once(installation: Installation, match: str, *steps: Json | str) -> None:
    play(installation, match, *steps)
    installation.model.rules[-1].times = len(steps)


def edit(talk: Talk, message: int, text: str) -> None:
    spec = {"kind": "edit", "chat_id": talk.chat, "user_id": talk.person, "text": text}
    talk.telegram.inject({**spec, "message_id": message})


def react(talk: Talk, message: int, *emoji: str, by: int = 0) -> None:
    spec = {"kind": "reaction", "chat_id": talk.chat, "user_id": by or talk.person}
    talk.telegram.inject({**spec, "message_id": message, "emoji": list(emoji)})


def seen(talk: Talk) -> list[str]:
    """Give what stands in the chat, oldest first: what people said and what minibot said."""
    messages: dict[int, Json] = {
        number: message
        for (chat, number), message in talk.telegram.default_bot.messages.items()
        if chat == talk.chat
    }
    return [str(message.get("text")) for _, message in sorted(messages.items())]


def history(installation: Installation) -> list[str]:
    return [text for (text,) in rows(installation, "SELECT text FROM history ORDER BY id")]


def heard_of(installation: Installation, words: str) -> bool:
    return words in installation.runs[-1].log


async def settled(installation: Installation, *, came: int = 0) -> None:
    """Wait until everything is over, and so many messages and the like came."""
    await until(lambda: rows(installation, "SELECT count(*) FROM inbox")[0][0] >= came)
    open_rows = "SELECT count(*) FROM inbox WHERE finished_at IS NULL"
    await until(lambda: rows(installation, open_rows) == [(0,)])
    open_parts = "SELECT count(*) FROM outbox WHERE finished_at IS NULL"
    await until(lambda: rows(installation, open_parts) == [(0,)])
