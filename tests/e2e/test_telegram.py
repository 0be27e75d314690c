"""People on Telegram, the real process, and a model."""

from pathlib import Path

import pytest

from tests.e2e.process import Installation
from tests.e2e.serving import GUEST, OWNER, rows, sent, serving, until
from tests.peers.llm import Rule
from tests.peers.telegram.wire import Json

MARKDOWN = """\
Some **bold words** 😀 and `code`:

- first
- second

```python
print("hi")
```
{acks}"""
WORDS = [f"word{number}" for number in range(2500)]


def shown(event: Json, kind: str) -> list[str]:
    """Give the stretches of a message that are formatted in one way."""
    units = event["text"].encode("utf-16-le")
    return [
        units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
        for entity in event["params"]["entities"]
        if entity["type"] == kind
    ]


async def test_an_answer_is_formatted_split_and_shown_to_be_coming(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        installation.model.rules.extend(
            Rule.from_json(rule)
            for rule in (
                {"match": "formatted", "text": MARKDOWN},
                {"match": "long", "text": " ".join(WORDS) + " {acks}"},
                {"match": "slow", "ttft": 0.3},
                {"match": "sleepy", "ttft": 4.4},
            )
        )
        minibot = await installation.start()
        await minibot.listening()
        installation.say(9_999, "I am nobody")
        installation.say(GUEST, "something sleepy")
        installation.say(OWNER, "something formatted")
        assert await installation.answered(1)
        _is_formatted(sent(installation, OWNER)[0])

        installation.say(OWNER, "something long")
        assert await installation.answered(2)
        parts = [event["text"] for event in sent(installation, OWNER)[1:]]
        assert " ".join(parts).split() == [*WORDS, "ack4end"]
        assert len(parts) > 1
        assert max(len(part.encode("utf-16-le")) // 2 for part in parts) <= 4096

        before = _typing(installation, OWNER)
        installation.say(OWNER, "something slow")
        assert await installation.answered(3)
        assert _typing(installation, OWNER) == before + 1
        assert await installation.answered(4)
        assert _typing(installation, GUEST) == 2
        assert sent(installation, 9_999) == []
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


def _is_formatted(event: Json) -> None:
    assert shown(event, "bold") == ["bold words"]
    assert shown(event, "code") == ["code"]
    assert shown(event, "pre") == ['print("hi")']
    [block] = [each for each in event["params"]["entities"] if each["type"] == "pre"]
    assert block["language"] == "python"
    lines = event["text"].splitlines()
    assert [line[2:] for line in lines if line.endswith(("first", "second"))] == ["first", "second"]
    assert "**" not in event["text"]
    assert "`" not in event["text"]


def _typing(installation: Installation, chat_id: int) -> int:
    """Count how often typing was shown before the chat's last message."""
    last = sent(installation, chat_id)[-1]["seq"]
    events = installation.telegram.events[:last]
    actions = [event for event in events if event["method"] == "sendChatAction"]
    return sum(event["chat_id"] == chat_id for event in actions)


async def test_a_conversation_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        installation.say(OWNER, "My cat is called Ada.")
        installation.say(GUEST, "My dog is called Bob.")
        assert await installation.answered(2)
        assert await minibot.stop() == 0

        installation.say(OWNER, "What is she called?")
        minibot = await installation.start()
        await minibot.listening()
        assert await installation.answered(3)

    asked = [(turn["role"], turn["content"]) for turn in installation.model.bodies[-1]["messages"]]
    first_answer = sent(installation, OWNER)[0]["text"]
    assert [role for role, _ in asked] == ["system", "user", "assistant", "user"]
    assert asked[1][1] == "My cat is called Ada. rid1end"
    assert asked[2][1] == first_answer
    assert asked[3][1] == "What is she called? rid3end"
    assert "Bob" not in str(asked)


@pytest.mark.parametrize(("chats", "each"), [(200, 5)])
async def test_many_people_at_once_are_all_answered_once_and_in_order(
    chats: int, each: int, tmp_path: Path
) -> None:
    people = range(1000, 1000 + chats)
    async with serving(tmp_path, users=people) as installation:
        minibot = await installation.start()
        await minibot.listening()
        said: dict[int, list[str]] = {person: [] for person in people}
        for _ in range(each):
            for person in people:
                said[person].append(installation.say(person))
        assert await installation.answered(chats * each, within=60)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []

    assert {person: installation.answers(person) for person in people} == said
    assert len(sent(installation)) == chats * each
    assert installation.telegram.errors == {}


async def test_what_is_delivered_again_is_answered_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        bot = installation.telegram.default_bot
        tokens = [installation.say(OWNER) for _ in range(5)]
        again = list(bot.updates)
        assert await installation.answered(5)

        for updates in (again, again[::-1], again[2:] + again[:2]):
            await until(lambda: bot.poll is not None and not bot.updates)
            bot.updates.extend(updates)
            assert bot.poll is not None
            bot.poll.set_result(None)
            await until(lambda: not bot.updates)
        tokens.append(installation.say(OWNER))
        assert await installation.answered(6)
        assert await minibot.stop() == 0

        assert installation.answers(OWNER) == tokens
        assert rows(installation, "SELECT count(*) FROM inbox") == [(6,)]
