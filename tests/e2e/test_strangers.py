"""Whoever is not allowed is not answered, not stored, and learns nothing."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.serving import OWNER, rows, sent, serving, until

STRANGERS = range(5000, 5030)
GROUP = -1005


def updates(person: int, chat_id: int) -> list[dict[str, Any]]:
    """One update of every type that a stranger can cause."""
    user = {"id": person, "is_bot": False, "first_name": "Mallory"}
    chat = {"id": chat_id, "type": "private" if chat_id > 0 else "supergroup"}
    message = {"message_id": 1, "date": 1_800_000_000, "chat": chat, "text": "/start"}
    written = {**message, "from": user}
    query = {"id": "1", "from": user, "data": "x", "chat_instance": "1"}
    member = {"chat": chat, "from": user, "date": 1_800_000_000}
    return [
        {"message": written},
        {"message": {**written, "text": "hello @fake_test_bot"}},
        {"message": {**written, "text": None, "photo": [{"file_id": "F"}]}},
        {"message": {**written, "new_chat_members": [user]}},
        {"message": {**written, "migrate_to_chat_id": -100999}},
        {"message": {**message, "sender_chat": chat}},
        {"message": {**written, "date": "unreadable"}},
        {"edited_message": written},
        {"channel_post": message},
        {"edited_channel_post": message},
        {"business_message": written},
        {"callback_query": {**query, "message": written}},
        {"inline_query": {"id": "1", "from": user, "query": "x", "offset": ""}},
        {"chosen_inline_result": {"result_id": "1", "from": user, "query": "x"}},
        {"message_reaction": {**member, "user": user, "message_id": 1}},
        {"my_chat_member": member},
        {"chat_member": member},
        {"chat_join_request": member},
        {"poll_answer": {"poll_id": "1", "user": user, "option_ids": [0]}},
        {"pre_checkout_query": {"id": "1", "from": user}},
        {"a_type_of_tomorrow": written},
    ]


@pytest.mark.parametrize("allowed", [[], [OWNER]], ids=["nobody", "one person"])
async def test_strangers_leave_no_trace(allowed: list[int], tmp_path: Path) -> None:
    async with serving(tmp_path, users=allowed) as installation:
        minibot = await installation.start()
        await minibot.listening()
        bot = installation.telegram.default_bot
        for person in STRANGERS:
            for chat_id in (person, GROUP, OWNER):
                for content in updates(person, chat_id):
                    installation.telegram.inject({"update": content, "unfiltered": True})
        if allowed:
            installation.say(OWNER)
            assert await installation.answered(1)
        await until(lambda: not bot.updates and bot.poll is not None)
        assert bot.confirmed == len(STRANGERS) * 3 * 21 + len(allowed)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []

        expected = {"sendMessage", "sendChatAction"} if allowed else set()
        unprompted = {"getMe", "getUpdates", "setMyCommands"}
        assert set(installation.telegram.counts) - unprompted <= expected
        assert [event["chat_id"] for event in sent(installation)] == allowed
        assert rows(installation, "SELECT count(*) FROM inbox") == [(len(allowed),)]
        assert rows(installation, "SELECT count(*) FROM outbox") == [(len(allowed),)]
        assert rows(installation, "SELECT count(*) FROM conversations") == [(len(allowed),)]
