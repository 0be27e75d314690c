"""What people write while the process is down is answered late, or kept and offered."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from signal import SIGKILL

from tests.e2e.process import ANSWER, Installation, Minibot
from tests.e2e.serving import GUEST, OWNER, edit, rows, sent, serving, until
from tests.e2e.talking import Talk

GROUP, STRANGER = -1001, 999
CARD = "While I was away"
DECIDED = "That was answered before."
HOURS = 2 * 3600 + 600


async def start(installation: Installation) -> Minibot:
    minibot = await installation.start()
    await minibot.listening()
    return minibot


async def was_down(installation: Installation) -> None:
    """Have a process run that the owner talks to, and be killed."""
    minibot = await start(installation)
    await Talk(installation, OWNER).ask("/whoami")
    await minibot.stop(SIGKILL)


def wrote(talk: Talk, seconds_ago: float, *tokens: str) -> list[int]:
    """Have somebody write so long ago; gives the ids of the messages."""
    moment = int(time.time() - seconds_ago)
    return [talk.say(f"Hello {token}", date=moment + n) for n, token in enumerate(tokens)]


def answers(installation: Installation, chat: int) -> list[tuple[str, int | None]]:
    """Give which messages were answered in a chat, and at which each answer points."""
    return [
        (token, event["params"].get("reply_parameters", {}).get("message_id"))
        for event in sent(installation, chat)
        for token in re.findall(ANSWER, event["text"])
    ]


def states(installation: Installation, chat: int) -> list[str]:
    found = rows(installation, "SELECT chat_id, state FROM inbox WHERE NOT urgent ORDER BY id")
    return [state for chat_id, state in found if chat_id == str(chat)]


def named(tokens: Sequence[str], ids: Sequence[int]) -> list[tuple[str, int | None]]:
    return [(token.replace("rid", "ack"), id_) for token, id_ in zip(tokens, ids, strict=True)]


async def test_recent_messages_are_answered_and_older_ones_when_they_are_asked_for(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as installation:
        await was_down(installation)
        talk, stranger = Talk(installation, GUEST), Talk(installation, STRANGER)
        old, recent = ["rid1end", "rid2end", "rid3end"], ["rid4end", "rid5end"]
        old_ids = wrote(talk, HOURS, *old)
        wrote(stranger, HOURS, "rid900end")
        wrote(stranger, 60, "rid901end")
        recent_ids = wrote(talk, 60, *recent)

        minibot = await start(installation)
        (card,) = await talk.shown(CARD)
        (note,) = await Talk(installation, OWNER).shown("Back after")

        assert "you sent me 3 older messages" in card["text"]
        assert answers(installation, GUEST) == named(recent, recent_ids)
        assert states(installation, GUEST) == ["expired"] * 3 + ["done"] * 2
        assert note["text"] == (
            "Back after at least 2 h 10 min: 2 messages answered late, 3 older ones kept in 1 chat."
        )
        assert "caught up with what was missed" in minibot.log

        assert await talk.press(card, "Answer all") == "✅ I answer them now"
        await talk.shown("ack3end")
        assert answers(installation, GUEST) == named([*recent, *old], [*recent_ids, *old_ids])
        assert await talk.press(card, "Skip") == DECIDED
        await until(lambda: states(installation, GUEST) == ["done"] * 5)
        assert installation.telegram.buttons(GUEST, message_id=card["message_id"]) == []

        talk.say("And now rid6end")
        await talk.shown("ack6end")
        assert answers(installation, GUEST)[-1] == ("ack6end", None)
        assert states(installation, STRANGER) == []
        assert sent(installation, STRANGER) == []
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_the_card_of_a_group_outlives_a_kill_and_is_for_those_who_wrote(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, users=[OWNER, GUEST, STRANGER]) as installation:
        edit(installation, {"channels.telegram": {"allowed_chat_ids": [GROUP]}})
        await was_down(installation)
        group = Talk(installation, GUEST, GROUP)
        wrote(group, HOURS, "rid1end", "rid2end")
        group.say("to each other", mention=False, date=int(time.time()) - HOURS)

        minibot = await start(installation)
        (card,) = await group.shown(CARD)
        assert "2 older messages for me came in here" in card["text"]
        await until(lambda: ("offered",) in rows(installation, "SELECT problem FROM inbox"))
        # Before that is recorded as sent, a kill would have it said once more.
        await until(lambda: not rows(installation, "SELECT 1 FROM outbox WHERE state <> 'sent'"))
        await minibot.stop(SIGKILL)
        minibot = await start(installation)

        assert await group.press(card, "Skip", by=STRANGER) == "This button is for somebody else."
        assert await group.press(card, "Skip", by=OWNER) == "⏭ Skipped"
        (settled,) = await group.shown("⏭ Skipped", method="editMessageText")
        assert settled["message_id"] == card["message_id"]
        assert await group.press(card, "Answer all") == DECIDED
        assert states(installation, GROUP) == ["expired", "expired", "ignored"]
        assert answers(installation, GROUP) == []
        cards = [event["message_id"] for event in await group.shown(CARD)]
        assert cards == [card["message_id"]]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_only_so_many_of_a_chat_are_answered_by_themselves(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        edit(installation, {"catch_up": {"window_seconds": 600, "max_per_chat": 3}})
        await was_down(installation)
        talk = Talk(installation, GUEST)
        tokens = [f"rid{n}end" for n in range(120)]  # more than Telegram gives at once
        ids = wrote(talk, 500, *tokens)

        minibot = await start(installation)
        (card,) = await talk.shown(CARD)
        (note,) = await Talk(installation, OWNER).shown("Back after")

        assert "you sent me 117 older messages" in card["text"]
        assert "They are beyond the 3 that I answer by myself in one chat." in card["text"]
        assert (
            "3 messages answered late, 117 older ones kept in 1 chat (117 because" in (note["text"])
        )
        assert answers(installation, GUEST) == named(tokens[:3], ids[:3])
        assert await talk.press(card, "Answer all") == "✅ I answer them now"
        await talk.shown("ack119end")
        assert answers(installation, GUEST) == named(tokens, ids)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_what_was_accepted_before_a_kill_is_answered_and_points_at_its_message(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as installation:
        edit(
            installation,
            {"catch_up": {"window_seconds": 0}, "runtime": {"environment": "test"}},
        )
        talk = Talk(installation, GUEST)
        minibot = await installation.start(crash_point="P2:1")
        await minibot.listening()
        id_ = talk.say("Hello rid1end")
        await minibot.exits_within(20)

        installation.set_clock(5)
        minibot = await start(installation)
        await talk.shown("ack1end")

        assert answers(installation, GUEST) == [("ack1end", id_)]
        assert states(installation, GUEST) == ["done"]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []
