from typing import Any

import pytest

from minibot.core.access import may_talk, open_to_strangers
from minibot.core.messages import ChatRef
from minibot.core.settings import Settings

PRIVATE = ChatRef(channel="telegram", chat_id="42")
GROUP = ChatRef(channel="telegram", chat_id="-100", thread_id="5")
CONSOLE = ChatRef(channel="console", chat_id="local")


def telegram(**fields: Any) -> Settings:
    known = {"enabled": True, "bot_token": "1:x", **fields}
    return Settings.model_validate({"channels": {"telegram": known}})


@pytest.mark.parametrize(
    ("users", "chats", "chat", "private", "allowed"),
    [
        ([], [], PRIVATE, True, False),
        ([42], [], PRIVATE, True, True),
        ([43], [], PRIVATE, True, False),
        ([4], [], PRIVATE, True, False),
        ([420], [], PRIVATE, True, False),
        (["*"], [], PRIVATE, True, True),
        ([43, "*"], [], PRIVATE, True, True),
        ([42], [], GROUP, False, False),
        ([42], [-100], GROUP, False, True),
        ([43], [-100], GROUP, False, False),
        (["*"], [-100], GROUP, False, True),
        (["*"], [-1001], GROUP, False, False),
        ([], [-100], GROUP, False, False),
        (["*"], [100], GROUP, False, False),
    ],
)
def test_person_and_group_must_both_be_named(
    users: list[object], chats: list[int], chat: ChatRef, private: bool, allowed: bool
) -> None:
    settings = telegram(allowed_user_ids=users, allowed_chat_ids=chats)
    found = may_talk(settings, chat, person_id="42", private=private, moved_chats={})
    assert found is allowed


def test_group_that_moved_is_known_by_its_old_id() -> None:
    settings = telegram(allowed_user_ids=[42], allowed_chat_ids=[-7])
    options: dict[str, Any] = {"person_id": "42", "private": False}
    moved = {"telegram:-7": "telegram:-100"}
    assert may_talk(settings, GROUP, moved_chats=moved, **options)
    assert not may_talk(settings, GROUP, moved_chats={}, **options)
    other = {"telegram:-8": "telegram:-100"}
    assert not may_talk(settings, GROUP, moved_chats=other, **options)


def test_group_that_moved_twice_is_known_by_its_first_id() -> None:
    settings = telegram(allowed_user_ids=[42], allowed_chat_ids=[-7])
    moved = {"telegram:-7": "telegram:-100", "telegram:-50": "telegram:-100"}

    assert may_talk(settings, GROUP, person_id="42", private=False, moved_chats=moved)


def test_nobody_talks_to_a_channel_that_is_off() -> None:
    off = telegram(enabled=False, allowed_user_ids=["*"])
    assert not may_talk(off, PRIVATE, person_id="42", private=True, moved_chats={})
    assert not may_talk(off, CONSOLE, person_id="you", private=True, moved_chats={})


def test_whoever_sits_at_the_console_may_talk() -> None:
    on = Settings.model_validate({"channels": {"console": {"enabled": True}}})
    assert may_talk(on, CONSOLE, person_id="you", private=True, moved_chats={})
    assert not may_talk(on, PRIVATE, person_id="you", private=True, moved_chats={})


def test_unknown_channel_lets_nobody_in() -> None:
    chat = ChatRef(channel="slack", chat_id="42")
    settings = telegram(allowed_user_ids=["*"])
    assert not may_talk(settings, chat, person_id="42", private=True, moved_chats={})


def test_only_groups_that_let_everybody_talk_hold_strangers() -> None:
    everybody, family = telegram(allowed_user_ids=[7, "*"]), telegram(allowed_user_ids=[7, 8])
    assert open_to_strangers(everybody, GROUP, private=False)
    assert not open_to_strangers(everybody, PRIVATE, private=True)
    assert not open_to_strangers(family, GROUP, private=False)
    assert not open_to_strangers(everybody, CONSOLE, private=False)
