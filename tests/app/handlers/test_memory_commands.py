"""Commands about what minibot remembers, and what it may do by itself."""

import json
from datetime import timedelta
from typing import Any

import pytest

from minibot.adapters.storage.agenda import AgendaRows, InMemoryAgenda
from minibot.app.agenda.agenda import Agenda
from minibot.app.agenda.own_plans import OwnPlans
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.commands import Commands
from minibot.app.handlers.memory_commands import (
    MEMORY_HELP,
    PAGE,
    SWITCHED_OFF,
    MemoryCommands,
)
from minibot.app.handlers.own_data import OwnData
from minibot.app.incognito import Incognito
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.app.recall import CachedNotes
from minibot.app.running_turns import RunningTurns
from minibot.core.approvals import Approval, ApprovalRequest, Verdict
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.exchanges import Exchange
from minibot.core.llm import Role, Utterance
from minibot.core.notes import Note
from minibot.core.tools import ToolResult
from minibot.core.undo import UNDO_FOR, Undoable
from tests.app.agent.tools import FakeTool, FakeToolbox, change, writer
from tests.app.handlers.test_own_data import FakeFiles, FakePersonalData
from tests.app.media import FakeMediaStore
from tests.app.rig import Rig
from tests.app.turn_context import make_context
from tests.fakes import START, make_chat

ANN = "telegram:42"
GROUP: dict[str, Any] = {"chat": make_chat("-100"), "private": False}


class Remembering:
    """The commands in front of notes, tools and permissions."""

    def __init__(self) -> None:
        self.rig = rig = Rig()
        self.notes = CachedNotes(rig.storage.notes)
        self.saving, self.deleting = writer("note_save"), writer("note_delete")
        self.toolbox = FakeToolbox(self.saving, self.deleting)
        self.incognito = Incognito(rig.storage.preferences)
        self.files = FakeFiles()
        self.personal_data = FakePersonalData()
        commands = MemoryCommands(
            notes=self.notes,
            toolbox=self.toolbox,
            undo_log=rig.storage.undo_log,
            approvals=rig.storage.approvals,
            incognito=self.incognito,
            own_data=OwnData(
                personal_data=self.personal_data,
                notes=self.notes,
                files=self.files,
                media=FakeMediaStore(),
                incognito=self.incognito,
                plans=OwnPlans(Agenda(InMemoryAgenda(AgendaRows()), rig.clock), RunningTurns()),
                chats=ChatSettingsBook(rig.storage.preferences),
            ),
            clock=rig.clock,
        )
        self._handle = compose(_fail, [Commands(commands.commands())])

    async def answer(self, text: str, **fields: Any) -> Answer:
        return await self._handle(make_context(text, **fields))

    async def say(self, text: str, **fields: Any) -> str:
        return (await self.answer(text, **fields)).markdown

    async def note(self, title: str, data: str = "x", owner: str = ANN) -> None:
        note = Note(owner=owner, title=title, data=data, created_at=START, updated_at=START)
        await self.notes.save(note)

    async def allow(self, tool: str, scope: str, person: str = "42") -> None:
        now = self.rig.clock.now()
        approvals = self.rig.storage.approvals
        asked = await approvals.ask(
            ApprovalRequest(
                inbox_id=1,
                call_id=f"{tool} {scope} {person}",
                person_id=person,
                chat=make_chat(),
                tool=tool,
                arguments="{}",
                scope=scope,
                expires_at=now + timedelta(seconds=9),
            )
        )
        decided = await approvals.decide(asked.token, person, Verdict.ALWAYS, now)
        assert isinstance(decided, Approval)


async def _fail(_context: TurnContext) -> Answer:
    raise AssertionError


@pytest.fixture
def remembering() -> Remembering:
    return Remembering()


async def test_memory_lists_notes_the_newest_first(remembering: Remembering) -> None:
    assert await remembering.say("/memory") == "I remember nothing about you."
    await remembering.note("tea", "green,\n no *sugar*")
    await remembering.note("cat_1", "y" * 300)
    said = (await remembering.say("/memory")).splitlines()
    assert said[:4] == [
        "I remember 2 things:",
        "",
        f"- **cat\\_1**: {'y' * 199}…",
        "- **tea**: green\\, no \\*sugar\\*",
    ]
    assert said[-1] == MEMORY_HELP


async def test_memory_has_pages(remembering: Remembering) -> None:
    for number in range(PAGE + 1):
        await remembering.note(f"note {number}")
    first, second = await remembering.say("/memory"), await remembering.say("/memory 2")
    assert first.startswith(f"I remember {PAGE + 1} things (page 1 of 2):")
    assert first.count("- **") == PAGE
    assert "(page 2 of 2)" in second
    assert "- **note 0**" in second
    assert await remembering.say("/memory 0") == first
    assert await remembering.say("/memory 3") == "There is no page 3."


async def test_memory_finds(remembering: Remembering) -> None:
    await remembering.note("tea", "green")
    await remembering.note("cat", "grey")
    found = await remembering.say("/memory find green")
    assert found.startswith("I remember 1 thing:")
    assert "tea" in found
    assert "cat" not in found
    assert "nothing about “dog”" in await remembering.say("/memory FIND dog")


async def test_memory_shows_all_of_a_note(remembering: Remembering) -> None:
    await remembering.note("tea", "green " * 100)
    said = await remembering.say("/memory show TEA")
    assert said == f"**tea** (2026-03-04 05:06 UTC)\n\n{'green ' * 100}"
    assert "There is no such note" in await remembering.say("/memory show quite another")


@pytest.mark.parametrize(
    "rest", ["find", "show", "edit tea", "delete", "dance", "-1", "1234567", "²"]
)
async def test_memory_that_is_not_understood_helps(remembering: Remembering, rest: str) -> None:
    assert await remembering.say(f"/memory {rest}") == MEMORY_HELP


async def test_a_group_has_its_own_memory_of_a_person(remembering: Remembering) -> None:
    await remembering.note("tea")
    said = await remembering.say("/memory", **GROUP)
    assert said == "I remember nothing about you in this group."
    await remembering.note("plan", owner=f"{ANN}@-100")
    assert "plan" in await remembering.say("/memory", **GROUP)
    assert "plan" not in await remembering.say("/memory")


@pytest.mark.parametrize(
    ("text", "tool", "arguments"),
    [
        (
            "/memory edit Tea: green: no sugar",
            "note_save",
            {"title": "Tea", "data": "green: no sugar"},
        ),
        ("/memory DELETE Tea time", "note_delete", {"title": "Tea time"}),
    ],
)
async def test_memory_is_changed_as_the_model_does_it_and_can_be_taken_back(
    remembering: Remembering, text: str, tool: str, arguments: dict[str, str]
) -> None:
    used = remembering.toolbox.tools[tool]
    assert isinstance(used, FakeTool)
    used.steps.append(change("tea"))
    answer = await remembering.answer(text)
    assert answer.markdown == "📝 Changed **tea**"
    assert [json.loads(each) for each in used.effects] == [arguments]
    (context,) = used.contexts
    assert (context.owner, context.conversation) == (ANN, ANN)
    (((undo,),),) = (answer.buttons,)
    kind, alone, token = undo.data.split(":")
    assert (undo.label, kind, alone) == ("↩️ Undo", "un", "1")
    now = remembering.rig.clock.now()
    taken = await remembering.rig.storage.undo_log.take(token, "42", now)
    assert isinstance(taken, Undoable)
    assert (taken.owner, taken.label) == (ANN, "📝 Changed **tea**")
    assert taken.expires_at == now + UNDO_FOR


async def test_a_title_may_hold_a_colon(remembering: Remembering) -> None:
    await remembering.note("Wi-Fi: home")
    await remembering.answer("/memory edit wi-fi:  home: key: 123")
    (arguments,) = remembering.saving.effects
    assert json.loads(arguments) == {"title": "wi-fi: home", "data": "key: 123"}


async def test_a_change_that_changed_nothing_says_so(remembering: Remembering) -> None:
    remembering.saving.steps.append(ToolResult(text="It was *so* already."))
    answer = await remembering.answer("/memory edit tea: green")
    assert answer == Answer(markdown="It was \\*so\\* already\\.")


@pytest.mark.parametrize(
    "problem", [ToolFailed("There is no *tea*"), ToolArgumentsInvalid("There is no *tea*")]
)
async def test_a_change_that_cannot_be_made_says_why(
    remembering: Remembering, problem: Exception
) -> None:
    remembering.deleting.steps.append(problem)
    said = await remembering.say("/memory delete tea")
    assert said == "That did not work: There is no \\*tea\\*"


async def test_without_the_tools_nothing_can_be_changed(remembering: Remembering) -> None:
    remembering.toolbox.tools.clear()
    assert await remembering.say("/memory delete tea") == SWITCHED_OFF


async def test_incognito_is_switched_on_and_off(remembering: Remembering) -> None:
    assert "from now on I remember nothing" in await remembering.say("/incognito")
    assert remembering.incognito.is_on(ANN)
    assert "/incognito ends that" in await remembering.say("/memory")
    assert "from now on" in await remembering.say("/incognito ON")
    asked = Exchange(item=1, questions=(1,))
    remembering.incognito.add(ANN, [Utterance(role=Role.USER, text="secret")], asked)
    assert "is over" in await remembering.say("/incognito")
    assert not remembering.incognito.is_on(ANN)
    assert remembering.incognito.said(ANN) == ()
    assert "is over" in await remembering.say("/incognito off")


async def test_forget_erases_only_when_it_is_meant(remembering: Remembering) -> None:
    await remembering.note("tea")
    assert "`/forget me` erases all" in await remembering.say("/forget")
    assert remembering.personal_data.erased == []
    said = await remembering.say("/forget ME")
    assert said == (
        "Erased for good: 1 note, 0 files, 0 reminders and tasks, and 3 entries of what was said."
    )
    assert await remembering.notes.owners(ANN) == []


async def test_export_is_sent_as_a_file(remembering: Remembering) -> None:
    answer = await remembering.answer("/export")
    (packed,) = answer.files
    assert packed.name == "minibot-export.zip"
    assert answer.markdown == "Here is all I have about you."


async def test_export_is_for_nobody_elses_eyes(remembering: Remembering) -> None:
    answer = await remembering.answer("/export", **GROUP)
    assert "in private" in answer.markdown
    assert answer.files == ()
    assert remembering.files.handed_out == []


async def test_export_that_cannot_be_stored_says_why(remembering: Remembering) -> None:
    remembering.files.failure = ToolFailed("no *room*")
    answer = await remembering.answer("/export")
    assert answer == Answer(markdown="That did not work: no \\*room\\*")


async def test_permissions_are_shown_and_revoked(remembering: Remembering) -> None:
    assert await remembering.say("/permissions") == "You allowed nothing for good."
    await remembering.allow("http_fetch", "https://example.org")
    await remembering.allow("send", "x", person="43")
    said = await remembering.say("/permissions")
    assert "1. `http_fetch` for https\\:\\/\\/example\\.org" in said
    assert "send" not in said
    assert "no such permission" in await remembering.say("/permissions revoke 2")
    assert "I will ask again" in await remembering.say("/permissions REVOKE 1")
    assert await remembering.say("/permissions") == "You allowed nothing for good."


async def test_a_group_is_not_told_what_was_allowed_elsewhere(remembering: Remembering) -> None:
    await remembering.allow("note_save", "note My diagnosis")
    assert "diagnosis" not in await remembering.say("/permissions", **GROUP)
    assert "I will ask again" in await remembering.say("/permissions revoke 1", **GROUP)


@pytest.mark.parametrize("rest", ["revoke", "revoke all", "revoke 1234567", "else"])
async def test_permissions_that_are_not_understood_are_shown(
    remembering: Remembering, rest: str
) -> None:
    await remembering.allow("http_fetch", "https://example.org")
    assert "You allowed for good:" in await remembering.say(f"/permissions {rest}")
