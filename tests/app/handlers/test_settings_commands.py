"""Choosing how a chat is answered: by commands, and by the buttons of /settings."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.commands import Commands
from minibot.app.handlers.presses import Presses
from minibot.app.handlers.settings_buttons import SettingsButton, SettingsScenes
from minibot.app.handlers.settings_commands import SettingsCommands
from minibot.app.handlers.settings_menu import PAGES, PART, Scene, page_card
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.core.chat_settings import (
    LONGEST_PROMPT,
    UNCHANGED,
    ChatSettings,
    DuringTurn,
    GroupMode,
    Switch,
    Verbosity,
)
from minibot.core.errors import ModelUnavailable, ModelUnreachable
from minibot.core.messages import Button, Press
from minibot.core.texts import ENGLISH
from tests.app.rig import Rig, plain_request
from tests.app.turn_context import make_context
from tests.fakes import ScriptedModel, make_chat, make_settings

OWNER, ANN = "7", "42"
MAX_DATA_BYTES = 64
"""Bot API, InlineKeyboardButton."""

TWO_MODELS = {
    "provider": "openai",
    "model": "gpt-5",
    "api_key": "k",
    "circuit_breaker": {"failures": 1},
    "fallbacks": [
        {"provider": "claude", "model": "small", "api_key": "k", "capabilities": {"tools": False}}
    ],
}


class Choosing:
    """The commands and their buttons, in one chat."""

    def __init__(self) -> None:
        self.rig = rig = Rig(make_settings(llm=TWO_MODELS))
        self.model = ScriptedModel()
        self.chain = rig.chain(self.model)
        self.chats = ChatSettingsBook(rig.storage.preferences)
        scenes = SettingsScenes(self.chats, self.chain)
        commands = SettingsCommands(chats=self.chats, scenes=scenes, chain=self.chain)
        button = SettingsButton(self.chats, scenes, rig.channels)
        self.card: tuple[tuple[Button, ...], ...] = ()
        self._handle = compose(
            _fail,
            [
                Presses({SettingsButton.kind: button}, rig.channels, self.chats.texts),
                Commands(commands.commands(), self.chats.texts),
            ],
        )
        self._presses = 0

    async def lose_models(self, count: int) -> None:
        self.model.answers.extend([[ModelUnreachable()]] * count)
        with suppress(ModelUnavailable):
            await self.chain.ask(plain_request)

    async def say(self, text: str, **fields: Any) -> str:
        answer = await self._handle(make_context(text, settings=self.rig.live.current, **fields))
        self.card = answer.buttons
        return answer.markdown

    async def press(self, label: str, **fields: Any) -> str:
        """Press a button of the card; gives its text behind that."""
        buttons = [each for row in self.card for each in row]
        exact = [each.data for each in buttons if each.label == label]
        (data,) = exact or [each.data for each in buttons if label in each.label]
        answer = await self.press_data(data, **fields)
        (draft,) = answer.drafts
        assert draft.edits == "9"
        self.card = draft.part.buttons
        return draft.part.text

    async def press_data(self, data: str, **fields: Any) -> Answer:
        self._presses += 1
        press = Press(id=f"p{self._presses}", data=data, message_id="9")
        context = make_context("", press=press, settings=self.rig.live.current, **fields)
        return await self._handle(context)

    def labels(self) -> list[str]:
        return [each.label for row in self.card for each in row]

    def chosen(self, conversation: str = "telegram:42") -> ChatSettings:
        return self.chats.of(conversation)


async def _fail(_context: TurnContext) -> Answer:
    raise AssertionError


@pytest.fixture
async def choosing() -> Choosing:
    made = Choosing()
    await made.chain.open()
    return made


def in_group(sender_id: str) -> dict[str, Any]:
    return {"chat": make_chat("-100"), "private": False, "sender_id": sender_id}


async def test_model_lists_those_that_answer_in_their_order(choosing: Choosing) -> None:
    assert (await choosing.say("/model")).splitlines() == [
        ENGLISH.models_in_order,
        "",
        "1. `openai/gpt-5` (272,000 tokens, tools, sees pictures)",
        "2. `claude/small` (32,768 tokens, no tools)",
        "",
        ENGLISH.model_help,
    ]


async def test_model_leaves_out_those_that_fail(choosing: Choosing) -> None:
    await choosing.lose_models(1)
    assert (await choosing.say("/model")).splitlines() == [
        ENGLISH.one_model,
        "",
        "1. `claude/small` (32,768 tokens, no tools)",
    ]
    assert ENGLISH.model_unknown in await choosing.say("/model gpt-5")
    await choosing.lose_models(1)
    assert await choosing.say("/model") == ENGLISH.no_model


@pytest.mark.parametrize("name", ["claude/small", "CLAUDE/SMALL", "small", "`small`", "laud"])
async def test_model_is_chosen_by_its_name_or_a_piece_of_it(choosing: Choosing, name: str) -> None:
    assert "`claude/small`" in await choosing.say(f"/model {name}")
    assert choosing.chosen().model == "claude/small"
    assert "1. `claude/small` (32,768 tokens, no tools) ✓" in await choosing.say("/model")
    assert await choosing.say("/model default") == ENGLISH.model_reset
    assert choosing.chosen() == UNCHANGED


@pytest.mark.parametrize("name", ["gpt-6", "a", "/"])
async def test_a_name_that_is_none_or_several_chooses_nothing(
    choosing: Choosing, name: str
) -> None:
    said = await choosing.say(f"/model {name}")
    assert ENGLISH.model_unknown in said
    assert "openai/gpt-5" in said
    assert choosing.chosen() == UNCHANGED


async def test_prompt_is_given_shown_and_dropped(choosing: Choosing) -> None:
    assert await choosing.say("/prompt") == ENGLISH.prompt_none
    assert await choosing.say("/prompt Be *kind*.") == ENGLISH.prompt_saved
    assert choosing.chosen().prompt == "Be *kind*."
    assert r"Be \*kind\*" in await choosing.say("/prompt")
    too_long = await choosing.say(f"/prompt {'x' * (LONGEST_PROMPT + 1)}")
    assert "4001" in too_long
    assert choosing.chosen().prompt == "Be *kind*."
    assert await choosing.say("/prompt reset") == ENGLISH.prompt_reset
    assert choosing.chosen() == UNCHANGED


async def test_rich_is_switched(choosing: Choosing) -> None:
    assert ENGLISH.default in await choosing.say("/rich")
    assert ENGLISH.switched_on in await choosing.say("/rich on")
    assert choosing.chosen().rich is Switch.ON
    assert ENGLISH.switched_on in await choosing.say("/rich perhaps")
    await choosing.say("/rich off")
    assert choosing.chosen().rich is Switch.OFF


async def test_groupmode_is_for_groups_and_for_their_owner(choosing: Choosing) -> None:
    assert await choosing.say("/groupmode always") == ENGLISH.group_only
    assert await choosing.say("/groupmode off", **in_group(ANN)) == ENGLISH.owners_only
    assert ENGLISH.addressed in await choosing.say("/groupmode", **in_group(ANN))
    said = await choosing.say("/groupmode always", **in_group(OWNER))
    assert ENGLISH.privacy_mode in said
    assert choosing.chosen("telegram:-100").group_mode is GroupMode.ALWAYS
    said = await choosing.say("/groupmode default", **in_group(OWNER))
    assert f"{ENGLISH.default} ({ENGLISH.addressed})" in said
    assert choosing.chosen("telegram:-100") == UNCHANGED
    assert choosing.chosen() == UNCHANGED


@pytest.mark.parametrize("text", ["/settings", "/model small", "/prompt Be rude.", "/rich on"])
async def test_nobody_else_chooses_for_a_group(choosing: Choosing, text: str) -> None:
    assert await choosing.say(text, **in_group(ANN)) == ENGLISH.owners_only
    assert choosing.rig.rows.preferences == {}


@pytest.mark.parametrize(
    ("page", "label", "expected"),
    [
        (ENGLISH.model, "claude/small", ChatSettings(model="claude/small")),
        (ENGLISH.temperature, "0.7", ChatSettings(temperature=0.7)),
        (ENGLISH.streaming, "off", ChatSettings(streaming=Switch.OFF)),
        (ENGLISH.verbosity, "detailed", ChatSettings(verbosity=Verbosity.DETAILED)),
        (ENGLISH.during_turn, "into account", ChatSettings(during_turn=DuringTurn.STEER)),
        (ENGLISH.rich, "on", ChatSettings(rich=Switch.ON)),
        (ENGLISH.language, "Español", ChatSettings(language="es")),
    ],
)
async def test_every_choice_is_made_by_a_button_and_marked(
    choosing: Choosing, page: str, label: str, expected: ChatSettings
) -> None:
    await choosing.say("/settings")
    await choosing.press(page)
    assert sum(each.startswith("✓") for each in choosing.labels()) == 1
    await choosing.press(label)
    assert choosing.chosen() == expected
    (marked,) = (each for each in choosing.labels() if each.startswith("✓"))
    assert label in marked


async def test_way_back_and_out(choosing: Choosing) -> None:
    root = await choosing.say("/settings")
    await choosing.press(ENGLISH.verbosity)
    assert (await choosing.press("Back")).replace("*", "") == root.replace("*", "")
    assert await choosing.press("Close") == ENGLISH.closed
    assert choosing.card == ()


async def test_group_mode_is_offered_in_groups_only(choosing: Choosing) -> None:
    await choosing.say("/settings")
    assert ENGLISH.group_mode not in choosing.labels()
    await choosing.say("/settings", **in_group(OWNER))
    await choosing.press(ENGLISH.group_mode, **in_group(OWNER))
    await choosing.press("none", **in_group(OWNER))
    assert choosing.chosen("telegram:-100").group_mode is GroupMode.OFF


@pytest.mark.parametrize(
    "data",
    ["cs:", "cs:odd:0:x", "cs:words:0:odd", "cs:words:x:brief", "cs:model:0:odd", "cs:lang:0:fr",
     "cs:warm:0:99", "cs:warm:0:warm", "cs:group:0:always", "cs:rich:0:1", "cs:words:9999:brief"],
)  # fmt: skip
async def test_made_up_data_does_nothing(choosing: Choosing, data: str) -> None:
    answer = await choosing.press_data(data)
    assert (answer.problem, answer.drafts) == ("unknown", ())
    assert choosing.rig.rows.preferences == {}


async def test_press_of_another_person_in_a_group_is_refused(choosing: Choosing) -> None:
    answer = await choosing.press_data("cs:words:0:brief", **in_group(ANN))
    assert (answer.problem, answer.drafts) == ("not yours", ())
    assert choosing.chosen("telegram:-100") == UNCHANGED


def scene(**fields: Any) -> Scene:
    known: dict[str, Any] = {"settings": UNCHANGED, "texts": ENGLISH, "models": (), "group": True}
    known["default_group_mode"] = GroupMode.ADDRESSED
    return Scene(**(known | fields))


def test_many_models_are_paged() -> None:
    titles = [f"openrouter/a-very-long-name-of-a-model-{number}" for number in range(20)]
    crowded = scene(models=titles, settings=replace(UNCHANGED, model="gone/model"))
    shown = [page_card("model", crowded, part) for part in range(4)]
    labels = [each.label for card in shown[:3] for row in card.buttons[:-2] for each in row]
    assert labels == [ENGLISH.default, *titles, f"✓ gone/model ({ENGLISH.gone})"]
    assert shown[3] == shown[2]
    assert [each.label for each in shown[1].buttons[-2]] == ["1", "• 2", "3"]
    assert len(shown[0].buttons) == PART + 2


@pytest.mark.parametrize("key", PAGES)
def test_data_of_every_button_fits(key: str) -> None:
    models = ("openrouter/a-very-long-name-of-a-model",)
    card = page_card(key, scene(models=models))
    data = [each.data for row in card.buttons for each in row]
    assert max(len(each.encode()) for each in data) <= MAX_DATA_BYTES


async def test_what_is_said_is_in_the_language_of_the_chat(choosing: Choosing) -> None:
    await choosing.say("/settings")
    await choosing.press(ENGLISH.language)
    text = await choosing.press("Deutsch")
    assert text.startswith("**Sprache**")
    assert await choosing.say("/groupmode") == "Das ist für Gruppen. Privat beantworte ich alles."
