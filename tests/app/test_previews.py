"""An answer that is shown while it is written: as a draft, as a message that grows, or not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from minibot.adapters.storage import Rows
from minibot.app.pipeline import Answer, TurnContext, compose
from minibot.app.preview import DRAFT_LIVES_SECONDS, FIRST_AFTER_SECONDS, bubble_key
from minibot.app.progress import Progress
from minibot.app.signs_of_life import LAST_CALL_SECONDS, SOON_SECONDS
from minibot.core.errors import ChannelError, SendFailed, SendRefused, SlowDown
from minibot.core.inbox import InboxState
from minibot.core.llm import ReasoningDelta, Restarted, TextDelta
from minibot.core.messages import PreviewKind
from tests.app.rig import Rig, in_background, signs_of_life
from tests.fakes import FakeClock, Gate, make_arrival, make_chat, make_settings, settle

DRAFT_SECONDS, EDIT_SECONDS = 0.4, 1.2
BOTH = (PreviewKind.DRAFT, PreviewKind.EDIT)
FIRST = FIRST_AFTER_SECONDS + SOON_SECONDS


class Writing:
    """A chat whose one question is answered as the test says."""

    def __init__(
        self,
        possible: tuple[PreviewKind, ...] = BOTH,
        *,
        transport: str = "auto",
        rows: Rows | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.rig = rig = Rig(
            make_settings(
                streaming={"transport": transport}, tasks={"offer_background_after_seconds": 0}
            ),
            rows=rows,
            clock=clock,
        )
        rig.channel.possible = possible
        self.progress: Progress[Answer] = Progress()
        self._end = Gate()
        signs = signs_of_life(rig)
        self.dispatcher = rig.dispatcher(rig.turns(compose(self._handle, [signs])).run)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator["Writing"]:
        rig = self.rig
        async with in_background(rig.channels.run, rig.delivery.run, self.dispatcher.run):
            await rig.admit([make_arrival("1", "question")])
            await self._end.reached.wait()
            await settle()
            yield self

    async def write(self, text: str, seconds: float) -> None:
        self.progress.observe(TextDelta(text))
        await self.wait(seconds)

    async def wait(self, seconds: float) -> None:
        await self.rig.clock.advance(seconds)
        await settle()

    async def end(self, text: str) -> None:
        self._text = text
        self._end.open()
        await settle()

    @property
    def drafts(self) -> list[str]:
        return [text for _, text in self.rig.channel.drafts]

    @property
    def sent(self) -> list[tuple[str, str]]:
        """What arrived, with the message it changed."""
        return [(part.part.text, part.edits) for part in self.rig.channel.sent]

    async def _handle(self, context: TurnContext) -> Answer:
        self.progress = context.progress
        await self._end.pass_through()
        return Answer(markdown=self._text)


async def test_draft_grows_at_its_pace_and_the_answer_is_one_message() -> None:
    async with Writing().answering() as writing:
        await writing.wait(1)
        await writing.write("The ", FIRST_AFTER_SECONDS / 2)
        assert writing.drafts == []
        await writing.write("sun ", FIRST_AFTER_SECONDS / 2 + 0.001)
        assert writing.drafts == ["The sun"]
        for word in ["a", "b", "c", "d"]:
            await writing.write(word, DRAFT_SECONDS / 4)
        assert writing.drafts == ["The sun", "The sun abcd"]
        await writing.end("The sun abcd.")
        await writing.wait(60)
    assert len(writing.drafts) == 2
    assert writing.sent == [("The sun abcd.", "")]
    assert {draft_id for draft_id, _ in writing.rig.channel.drafts} == {1}


async def test_answer_that_is_whole_at_once_is_not_shown_twice() -> None:
    async with Writing().answering() as writing:
        await writing.write("Quick.", SOON_SECONDS)
        await writing.end("Quick.")
        await writing.wait(60)
    assert (writing.drafts, writing.sent) == ([], [("Quick.", "")])


async def test_draft_is_kept_alive_while_nothing_changes() -> None:
    async with Writing().answering() as writing:
        await writing.write("Wait", 1)
        await writing.wait(2.5 * DRAFT_LIVES_SECONDS)
        assert writing.drafts == ["Wait"] * 3
        typed = len(writing.rig.channel.typing)
        await writing.wait(10)
        assert len(writing.rig.channel.typing) == typed, "a draft says enough"
        await writing.end("Wait.")


async def test_status_line_says_what_tools_do_and_for_how_long() -> None:
    async with Writing().answering() as writing:
        await writing.write("Let me look.", 1)
        with writing.progress.shown("c1", "🌐 reading a web page"):
            await writing.wait(1)
            assert writing.drafts[-1] == "Let me look.\n\n🌐 reading a web page … 0 s"
            with writing.progress.shown("c2", "📝 writing a note"):
                await writing.wait(3)
                assert "🌐 reading a web page and 1 more … " in writing.drafts[-1]
            await writing.wait(14)
            assert writing.drafts[-1].endswith("🌐 reading a web page … 15 s")
        writing.progress.begin_step()
        await writing.write("Found it.", 1)
        assert writing.drafts[-1] == "Found it."
        await writing.end("Found it.")


async def test_thinking_is_told_and_never_shown() -> None:
    async with Writing().answering() as writing:
        writing.progress.observe(ReasoningDelta("secret"))
        await writing.wait(3)
        assert writing.drafts[-1].startswith("💭 thinking … ")
        await writing.write("Done", 1)
        assert writing.drafts[-1] == "Done"
        assert "secret" not in "".join(writing.drafts)
        await writing.end("Done")


async def test_attempt_that_begins_anew_begins_with_nothing() -> None:
    async with Writing().answering() as writing:
        await writing.write("Half an ans", 1)
        writing.progress.observe(Restarted())
        await writing.write("Whole", 1)
        assert writing.drafts[-1] == "Whole"
        await writing.end("Whole")


async def test_message_that_grows_becomes_the_answer() -> None:
    async with Writing((PreviewKind.EDIT,)).answering() as writing:
        await writing.write("One", 1)
        assert writing.sent == [("One", "")]
        await writing.write(" two", EDIT_SECONDS)
        await writing.write(" three", EDIT_SECONDS)
        await writing.end("One two three four.")
    assert writing.sent == [
        ("One", ""),
        ("One two", "telegram-1"),
        ("One two three", "telegram-1"),
        ("One two three four.", "telegram-1"),
    ]


async def test_process_that_follows_changes_the_same_message() -> None:
    async with Writing((PreviewKind.EDIT,)).answering() as before:
        await before.write("Half", 2)
    assert before.sent == [("Half", "")]

    async with Writing(
        (PreviewKind.EDIT,), rows=before.rig.rows, clock=before.rig.clock
    ).answering() as after:
        await after.wait(1)
        await after.end("Whole.")
    assert after.sent == [("Whole.", "telegram-1")]


@pytest.mark.parametrize("error", [SendFailed("reset"), SendRefused("no drafts here")])
async def test_draft_that_fails_gives_way_to_edits_for_this_answer(error: ChannelError) -> None:
    writing = Writing()
    writing.rig.channel.fail("draft 42", error)
    async with writing.answering():
        await writing.write("One", 1)
        await writing.write(" two", EDIT_SECONDS)
        await writing.end("One two.")
    assert writing.drafts == []
    assert writing.sent == [("One", ""), ("One two", "telegram-1"), ("One two.", "telegram-1")]


@pytest.mark.parametrize("kind", BOTH)
async def test_channel_that_wants_a_pause_ends_previews_and_never_the_answer(
    kind: PreviewKind,
) -> None:
    writing = Writing((kind,))
    async with writing.answering():
        await writing.write("One", 1.5)
        chat = "draft 42" if kind is PreviewKind.DRAFT else "42"
        writing.rig.channel.fail(chat, SlowDown(30))
        await writing.write(" two", 5)
        shown = len(writing.drafts) + len(writing.sent)
        typed = len(writing.rig.channel.typing)
        await writing.write(" three", 20)
        assert len(writing.drafts) + len(writing.sent) == shown
        assert len(writing.rig.channel.typing) == typed, "that would be a call as well"
        await writing.end("One two three.")
        assert len(writing.sent) <= shown, "the pause is for all"
        await writing.wait(10)
    assert writing.sent[-1][0] == "One two three."


async def test_storage_that_fails_ends_edits_and_not_the_answer() -> None:
    async with Writing((PreviewKind.EDIT,)).answering() as writing:
        writing.rig.faults.fail("outbox.message_id")
        await writing.write("One", 5)
        await writing.end("One.")
    assert writing.sent == [("One.", "")]


@pytest.mark.parametrize("transport", ["off", "draft"])
async def test_nothing_is_shown_that_the_settings_do_not_want(transport: str) -> None:
    async with Writing((PreviewKind.EDIT,), transport=transport).answering() as writing:
        await writing.write("One", 60)
        assert (writing.drafts, writing.sent) == ([], [])
        await writing.end("One.")
    assert writing.sent == [("One.", "")]


async def test_answer_waits_for_a_preview_that_is_on_its_way_and_not_for_long() -> None:
    writing, gate = Writing(), Gate()
    writing.rig.channel.fail("draft 42", gate)
    async with writing.answering():
        await writing.write("One", 1)
        assert gate.reached.is_set()
        ending = asyncio.create_task(writing.end("One."))
        await settle()
        assert writing.sent == [], "what is late would be shown under the answer"
        gate.open()
        await ending
        await settle()
    assert (writing.drafts, writing.sent) == (["One"], [("One.", "")])
    assert LAST_CALL_SECONDS < 5


async def test_message_of_an_answer_that_is_put_off_tells_so() -> None:
    async with Writing((PreviewKind.EDIT,)).answering() as writing:
        await writing.write("One", 2)
        assert writing.progress.bubble == bubble_key(1)
        writing.rig.running.stop(make_chat().key)
        await settle()
        assert writing.rig.state(1) is InboxState.CANCELLED
