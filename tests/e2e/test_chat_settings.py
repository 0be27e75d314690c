"""What a chat chooses for itself: by buttons and commands, for good, and for itself alone."""

import json
from pathlib import Path
from typing import Any

from tests.e2e.process import Installation, Minibot, Sections
from tests.e2e.serving import GUEST, OWNER, rows, serving, until
from tests.e2e.talking import Talk, call, play, put_in_force
from tests.peers.llm.conversation import count_tokens
from tests.peers.telegram.wire import Json

GROUP = -1001
TWO_MODELS: Sections = {"llm": {"model": "first"}, "llm.prices": {"input": 2.0, "output": 10.0}}


def with_fallback(installation: Installation, model: str = "second") -> None:
    """Name another model, which listens at the same address."""
    base = installation.config.read_text().partition("\nbase_url = ")[2].partition("\n")[0]
    key = installation.canaries.api_key
    installation.config.write_text(
        f"{installation.config.read_text()}\n[[llm.fallbacks]]\n"
        f'provider = "openai"\nbase_url = {base}\napi_key = "{key}"\nmodel = "{model}"\n'
    )


async def started(installation: Installation) -> Minibot:
    minibot = await installation.start()
    await minibot.listening()
    return minibot


async def page(talk: Talk, card: Json, words: str) -> Json:
    """Wait until a card was changed into a page that holds some words."""
    found = await talk.shown(words, method="editMessageText")
    return {**found[-1], "message_id": card["message_id"]}


def asked_with(installation: Installation) -> dict[str, Any]:
    body: dict[str, Any] = installation.model.bodies[-1]
    return body


async def test_choices_take_effect_and_survive_a_restart_and_a_reload(tmp_path: Path) -> None:
    async with serving(tmp_path, sections=TWO_MODELS) as installation:
        with_fallback(installation)
        minibot = await started(installation)
        talk = Talk(installation, OWNER)
        card = await talk.ask("/settings", "Settings of this chat")
        await talk.press(card, "Model")
        models = await page(talk, card, "Which language model is asked first")
        assert await talk.press(models, "openai/second") == "Saved."
        await page(talk, card, "openai/second")
        await talk.press(models, "Back")
        root = await page(talk, card, "Settings of this chat")
        await talk.press(root, "Temperature")
        warm = await page(talk, card, "more surprising")
        assert await talk.press(warm, "0.3") == "Saved."
        await talk.press(root, "Length")
        length = await page(talk, card, "How much I say")
        assert await talk.press(length, "brief") == "Saved."
        await talk.press(root, "Close")
        await page(talk, card, "The settings are closed")
        await talk.ask("/prompt Answer like a pirate.", "I follow these instructions")

        await talk.ask("ahoy", "ahoy")
        body = asked_with(installation)
        system = body["messages"][0]["content"]
        assert (body["model"], body["temperature"]) == ("second", 0.3)
        assert "Answer like a pirate." in system
        assert "as short as they can be" in system

        other = Talk(installation, GUEST)
        await other.ask("good day", "good day")
        body = asked_with(installation)
        assert (body["model"], body.get("temperature")) == ("first", None)
        assert "pirate" not in str(body)

        assert await minibot.stop() == 0
        minibot = await started(installation)
        await reread(installation, "input = 2.0", "input = 3.0")
        await talk.ask("still there?", "still there?")
        body = asked_with(installation)
        assert (body["model"], body["temperature"]) == ("second", 0.3)
        assert "Answer like a pirate." in str(body)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_only_the_owner_chooses_in_a_group(tmp_path: Path) -> None:
    sections: Sections = {"channels.telegram": {"allowed_chat_ids": [GROUP]}}
    async with serving(tmp_path, sections=sections) as installation:
        minibot = await started(installation)
        owner = Talk(installation, OWNER, GROUP, name="Owner")
        guest = Talk(installation, GUEST, GROUP, name="Guest")
        card = await owner.ask("/settings", "Settings of this chat")
        refused = await owner.press(card, "In this group", by=GUEST)
        assert refused == "This button is for somebody else."
        await guest.ask("/prompt Be rude.", "only my owner")

        await owner.press(card, "In this group")
        modes = await page(owner, card, "Which messages of this group")
        assert await owner.press(modes, "none") == "Saved."
        guest.say("are you there?")
        await until(lambda: "the group is switched off" in problems(installation))
        await owner.ask("/groupmode always", "privacy mode")
        await guest.ask("and without your name?", "and without your name?", mention=False)
        assert "Be rude" not in str(asked_with(installation))
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_choices_of_a_group_follow_it_to_its_new_id(tmp_path: Path) -> None:
    sections: Sections = {"channels.telegram": {"allowed_chat_ids": [GROUP]}}
    async with serving(tmp_path, sections=sections) as installation:
        minibot = await started(installation)
        owner = Talk(installation, OWNER, GROUP, name="Owner")
        await owner.ask("/prompt Answer like a pirate.", "I follow these instructions")
        installation.telegram.inject({"kind": "migrate", "chat_id": GROUP, "to": -1002002})
        moved = Talk(installation, OWNER, -1002002, name="Owner")
        await moved.ask("ahoy", "ahoy")
        assert "Answer like a pirate." in str(asked_with(installation)["messages"][0])
        assert await minibot.stop() == 0


async def test_why_tells_what_the_ledger_of_the_model_has(tmp_path: Path) -> None:
    async with serving(tmp_path, sections=TWO_MODELS) as installation:
        minibot = await started(installation)
        talk = Talk(installation, OWNER)
        play(installation, "what is 6 times 7", call("calculate", expression="6*7"), "It is 42.")
        await talk.ask("/why", "no answer of mine")
        await talk.ask("hello", "hello")
        await talk.ask("what is 6 times 7?", "It is 42.")
        into = sum(size(installation, record) for record in installation.model.records[-2:])
        out = 8 + count_tokens('{"expression": "6*7"}') + count_tokens("It is 42.")
        why = (await talk.ask("/why", "My last answer here"))["text"]

        assert "openai/first ×2" in why
        assert "calculate" in why
        assert f"Tokens: {into:,} in" in why
        assert f"{out:,} out" in why
        assert f"{(into * 2.0 + out * 10.0) / 1_000_000:.6f}".rstrip("0") in why
        assert "exchanges 1, notes 0" in why

        assert await minibot.stop() == 0
        minibot = await started(installation)
        again = (await talk.ask("/why", "My last answer here"))["text"]
        assert again == why
        await talk.ask("/incognito", "Incognito")
        await talk.ask("/why", "nothing is kept")
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_menu_is_offered_once_for_everybody_in_their_language(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        telegram = installation.telegram
        minibot = await started(installation)
        talk = Talk(installation, OWNER)
        talk.say("/start")
        # A private chat has to be there before its person can be given a menu.
        await until(lambda: telegram.menu(OWNER, user_id=OWNER) and offers(installation) == 15)
        Talk(installation, GUEST).say("/start")
        await until(lambda: len(told(installation, GUEST)) == 1)

        assert "reload" in named(telegram.menu(OWNER, user_id=OWNER))
        assert "reload" not in named(telegram.menu(GUEST, user_id=GUEST))
        german = telegram.menu(GUEST, user_id=GUEST, language="de")
        assert {"command": "help", "description": "diese Liste zeigen"} in german
        assert "groupmode" not in named(german)
        english = telegram.menu(OWNER, user_id=OWNER, language="fr")
        for language in ("de", "es", "ru", "zh"):
            spoken = telegram.menu(OWNER, user_id=OWNER, language=language)
            assert named(spoken) == named(english)
            assert [each for each in spoken if each in english] == []
        installation.telegram.inject({"chat_id": GROUP, "user_id": 1, "text": "made known"})
        assert "groupmode" in named(telegram.menu(GROUP, user_id=GUEST))

        assert await minibot.stop() == 0
        minibot = await started(installation)
        await put_in_force(installation, {"channels.telegram": {"owner_user_ids": [GUEST]}})
        await until(lambda: offers(installation) == 25)
        assert "reload" not in named(telegram.menu(OWNER, user_id=OWNER))
        assert "reload" in named(telegram.menu(GUEST, user_id=GUEST, language="ru"))
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_minibot_speaks_the_language_of_the_client_or_of_the_chat(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await started(installation)
        talk = Talk(installation, OWNER)
        talk.look_from_here()
        spec: Json = {"chat_id": OWNER, "user_id": OWNER, "text": "/start"}
        installation.telegram.inject({**spec, "user": {"language_code": "de-AT"}})
        await talk.shown("Schreib mir etwas")
        card = await talk.ask("/settings", "Settings of this chat")
        await talk.press(card, "Language")
        languages = await page(talk, card, "The language of what I say myself")
        assert await talk.press(languages, "中文") == "已保存。"
        await talk.ask("/help", "给我写点什么")
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def reread(installation: Installation, old: str, new: str) -> None:
    """Change a line of config.toml and wait until the process goes by it."""
    minibot = installation.runs[-1]
    before = minibot.log.count("config.toml was read again")
    installation.config.write_text(installation.config.read_text().replace(old, new))
    await until(lambda: minibot.log.count("config.toml was read again") > before)


def size(installation: Installation, record: Json) -> int:
    """Give the tokens of a request, as the model counts them."""
    tools = installation.model.ledger.bodies[record["id"]]["tools"]
    turns = installation.model.ledger.turns(record["id"])
    spoken = sum(4 + count_tokens(str(turn["text"])) for turn in turns)
    return spoken + sum(count_tokens(json.dumps(tool)) for tool in tools)


def told(installation: Installation, chat: int) -> list[Json]:
    spec = {"chat_id": chat, "dir": "out"}
    return installation.telegram.transcript.select(spec)


def problems(installation: Installation) -> list[str]:
    return [problem for (problem,) in rows(installation, "SELECT problem FROM inbox")]


def offers(installation: Installation) -> int:
    """Count the menus that were taken, and those taken away."""
    methods = ("setMyCommands", "deleteMyCommands")
    events = installation.telegram.transcript.select({"dir": "out"})
    return sum(event["method"] in methods for event in events)


def named(menu: list[Json]) -> list[str]:
    return [command["command"] for command in menu]
