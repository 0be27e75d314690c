"""What every keeper of preferences must do."""

import pytest

from minibot.adapters.storage import Storage
from tests.contracts.storages import Home, a_chat, an_arrival


async def test_choice_is_empty_until_it_is_made_and_after_it_is_forgotten(
    storage: Storage,
) -> None:
    assert storage.preferences.get("telegram:42", "thinking") == ""

    await storage.preferences.set("telegram:42", "thinking", "shown")
    assert storage.preferences.get("telegram:42", "thinking") == "shown"
    await storage.preferences.set("telegram:42", "thinking", "")

    assert storage.preferences.get("telegram:42", "thinking") == ""


async def test_choices_of_other_names_and_conversations_are_others(storage: Storage) -> None:
    await storage.preferences.set("telegram:42", "a", "1")
    await storage.preferences.set("telegram:42", "b", "2")
    await storage.preferences.set("telegram:42:9", "a", "3")
    await storage.preferences.set("telegram:42", "a", "4")

    places = [("telegram:42", "a"), ("telegram:42", "b"), ("telegram:42:9", "a")]
    assert [storage.preferences.get(*place) for place in places] == ["4", "2", "3"]


async def test_next_process_knows_all_choices(home: Home) -> None:
    places = [(f"telegram:{n}", name) for n in range(600) for name in ("a", "ü")]
    async with home.open() as storage:
        for conversation, name in places:
            await storage.preferences.set(conversation, name, f"{conversation} {name} 👋")
        await storage.preferences.set("telegram:1", "a", "")
    async with home.open() as storage:
        found = {place: storage.preferences.get(*place) for place in places}

    assert found.pop(("telegram:1", "a")) == ""
    assert found == {(key, name): f"{key} {name} 👋" for key, name in found}


async def test_half_a_surrogate_pair_can_be_kept(storage: Storage) -> None:
    await storage.preferences.set("telegram:42", "a", "x\ud83d")

    assert storage.preferences.get("telegram:42", "a").startswith("x")


@pytest.mark.parametrize("reopened", [False, True])
async def test_choices_move_with_their_chat(home: Home, reopened: bool) -> None:
    async with home.open() as storage:
        await storage.inbox.admit([an_arrival("1", a_chat("-1"))])
        for conversation in ("telegram:-1", "telegram:-1:17", "telegram:-11", "console:-1"):
            await storage.preferences.set(conversation, "a", conversation)
        await storage.outbox.move_chat(a_chat("-1"), "-100")
        if not reopened:
            check_moved(storage)
    if reopened:
        async with home.open() as storage:
            check_moved(storage)


def check_moved(storage: Storage) -> None:
    found = {
        key: storage.preferences.get(key, "a")
        for key in (
            "telegram:-100",
            "telegram:-100:17",
            "telegram:-1",
            "telegram:-1:17",
            "telegram:-11",
            "console:-1",
        )
    }
    assert found == {
        "telegram:-100": "telegram:-1",
        "telegram:-100:17": "telegram:-1:17",
        # Whoever still holds the old name means the same conversation.
        "telegram:-1": "telegram:-1",
        "telegram:-1:17": "telegram:-1:17",
        "telegram:-11": "telegram:-11",
        "console:-1": "console:-1",
    }


@pytest.mark.parametrize("reopened", [False, True])
async def test_choice_made_in_the_new_chat_stays(home: Home, reopened: bool) -> None:
    async with home.open() as storage:
        await storage.preferences.set("telegram:-1", "a", "before")
        await storage.preferences.set("telegram:-1", "b", "before")
        await storage.preferences.set("telegram:-100", "a", "after")
        await storage.outbox.move_chat(a_chat("-1"), "-100")
        await storage.preferences.set("telegram:-1", "c", "by the old name")
        found = [storage.preferences.get("telegram:-100", name) for name in "abc"]
    if reopened:
        async with home.open() as storage:
            found = [storage.preferences.get("telegram:-100", name) for name in "abc"]

    assert found == ["after", "before", "by the old name"]


async def test_choice_forgotten_by_the_old_name_is_forgotten(home: Home) -> None:
    async with home.open() as storage:
        await storage.preferences.set("telegram:-1", "a", "x")
        await storage.outbox.move_chat(a_chat("-1"), "-100")
        await storage.preferences.set("telegram:-1", "a", "")
        assert storage.preferences.get("telegram:-100", "a") == ""
    async with home.open() as storage:
        assert storage.preferences.get("telegram:-100", "a") == ""
