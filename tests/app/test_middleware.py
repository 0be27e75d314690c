import asyncio
from dataclasses import replace

import pytest

from minibot.app.middleware import (
    TYPING_AFTER_SECONDS,
    Apologise,
    Authorise,
    ShowTyping,
    heed_address,
)
from minibot.app.pipeline import Answer, Handler, Middleware, TurnContext, compose
from minibot.core.errors import (
    ContextTooLong,
    ModelAccessDenied,
    ModelError,
    ModelReplyInvalid,
    ModelRequestRefused,
    ModelTimeout,
    ModelUnavailable,
)
from minibot.core.inbox import MAX_ATTEMPTS, InboxState
from minibot.core.outbox import GIVE_UP_AFTER
from minibot.core.settings import Settings
from tests.app.rig import Rig, cancel, in_background, say_done
from tests.app.turn_context import make_context
from tests.fakes import FakeClock, Gate, make_chat, make_settings, settle


async def through(middleware: Middleware, context: TurnContext, handler: Handler) -> Answer:
    return await compose(handler, [middleware])(context)


def group(*, user: str = "42", addressed: bool = True, settings: Settings) -> TurnContext:
    return make_context(
        chat=make_chat("-100"),
        private=False,
        addressed=addressed,
        sender_id=user,
        settings=settings,
    )


def allowing(*users: object, chats: tuple[int, ...] = ()) -> Settings:
    telegram = {
        "enabled": True,
        "bot_token": "1:x",
        "allowed_user_ids": list(users),
        "allowed_chat_ids": list(chats),
    }
    return make_settings(channels={"telegram": telegram})


async def test_whoever_is_still_allowed_is_let_through() -> None:
    context = make_context(settings=allowing(42))
    assert (await through(Authorise(dict), context, say_done)).markdown == "done"


async def test_whoever_lost_the_permission_meanwhile_is_turned_away_in_silence() -> None:
    context = make_context(settings=allowing(43))
    answer = await through(Authorise(dict), context, say_done)
    assert (answer.markdown, answer.state) == ("", InboxState.IGNORED)


async def test_group_under_a_new_id_is_known_by_its_old_one() -> None:
    context = group(settings=allowing(42, chats=(-7,)))
    moved = {"telegram:-7": "telegram:-100"}
    assert (await through(Authorise(dict), context, say_done)).state is InboxState.IGNORED
    assert (await through(Authorise(lambda: moved), context, say_done)).markdown == "done"


async def test_only_what_is_meant_for_minibot_is_answered_in_a_group() -> None:
    settings = allowing("*", chats=(-100,))
    meant = await through(heed_address, group(settings=settings), say_done)
    not_meant = await through(heed_address, group(addressed=False, settings=settings), say_done)
    assert meant.markdown == "done"
    assert (not_meant.markdown, not_meant.state) == ("", InboxState.IGNORED)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModelRequestRefused(), "refused this request"),
        (ModelAccessDenied(), "key or our balance"),
        (ContextTooLong(), "/new"),
    ],
)
async def test_models_failure_becomes_plain_words_with_a_reference(
    error: ModelError, words: str
) -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise error

    answer = await through(Apologise(FakeClock()), make_context(item_id=17), fail)
    assert words in answer.markdown
    assert "(reference m17)" in answer.markdown
    assert answer.state is InboxState.DONE
    assert answer.entries == ()
    assert answer.problem == f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ModelUnavailable(), InboxState.WAITING),
        (ModelTimeout(), InboxState.RETRY),
        (ModelReplyInvalid(), InboxState.RETRY),
    ],
)
async def test_what_may_pass_keeps_the_message_in_line(
    error: ModelError, state: InboxState
) -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise error

    answer = await through(Apologise(FakeClock()), make_context(item_id=17), fail)
    assert answer.state is state
    assert "I will answer when the model is back" in answer.markdown
    assert "(reference m17)" in answer.markdown


@pytest.mark.parametrize("error", [ModelTimeout(), ModelReplyInvalid()])
async def test_what_failed_too_often_is_apologised_for(error: ModelError) -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise error

    context = make_context()
    tried = replace(context, item=replace(context.item, attempts=MAX_ATTEMPTS))
    answer = await through(Apologise(FakeClock()), tried, fail)
    assert answer.state is InboxState.DONE
    assert "gave no usable answer" in answer.markdown


async def test_a_day_without_a_model_is_apologised_for() -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise ModelUnavailable

    clock = FakeClock()
    await clock.advance(GIVE_UP_AFTER.total_seconds())
    answer = await through(Apologise(clock), make_context(), fail)
    assert answer.state is InboxState.DONE
    assert "could not be reached" in answer.markdown


async def test_other_failures_are_not_apologised_for_here() -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise LookupError

    with pytest.raises(LookupError):
        await through(Apologise(FakeClock()), make_context(), fail)
    assert (await through(Apologise(FakeClock()), make_context(), say_done)).markdown == "done"


@pytest.fixture
def rig() -> Rig:
    return Rig()


def waiting(gate: Gate) -> Handler:
    async def handle(_context: TurnContext) -> Answer:
        await gate.pass_through()
        return Answer(markdown="done")

    return handle


async def test_quick_answer_needs_no_sign_of_life(rig: Rig) -> None:
    async with in_background(rig.channels.run):
        await through(
            ShowTyping(rig.channels, rig.long_turns(), rig.clock), make_context(), say_done
        )
    assert rig.channel.typing == []
    assert rig.clock.naps == []


async def test_typing_is_shown_after_a_moment_and_kept_up(rig: Rig) -> None:
    gate = Gate()
    async with in_background(rig.channels.run):
        typing = ShowTyping(rig.channels, rig.long_turns(), rig.clock)
        turn = asyncio.create_task(through(typing, make_context(), waiting(gate)))
        await gate.reached.wait()
        await settle()
        assert rig.channel.typing == []
        await rig.clock.advance(TYPING_AFTER_SECONDS)
        assert rig.channel.typing == [make_chat()]
        await rig.clock.advance(3.9)
        assert len(rig.channel.typing) == 1
        await rig.clock.advance(0.1)
        assert len(rig.channel.typing) == 2
        await rig.clock.advance(8)
        assert len(rig.channel.typing) == 4
        gate.open()
        assert (await turn).markdown == "done"
        await rig.clock.advance(60)
    assert len(rig.channel.typing) == 4


async def test_typing_ends_with_a_failure_and_with_a_cancellation(rig: Rig) -> None:
    failing, cancelled = Gate(), Gate()
    async with in_background(rig.channels.run):
        typing = ShowTyping(rig.channels, rig.long_turns(), rig.clock)
        turns = [
            asyncio.create_task(through(typing, make_context(), waiting(gate)))
            for gate in (failing, cancelled)
        ]
        await settle()
        failing.refuse(LookupError())
        with pytest.raises(LookupError):
            await turns[0]
        await cancel(turns[1])
    assert rig.clock.naps == []


async def test_typing_waits_for_a_channel_that_is_off(rig: Rig) -> None:
    gate = Gate()
    typing = ShowTyping(rig.channels, rig.long_turns(), rig.clock)
    turn = asyncio.create_task(through(typing, make_context(), waiting(gate)))
    await rig.clock.advance(5)
    assert rig.channel.typing == []
    gate.open()
    await turn
