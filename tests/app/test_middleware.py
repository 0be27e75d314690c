from dataclasses import replace

import pytest

from minibot.app.middleware import (
    Apologise,
    Authorise,
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
from minibot.core.texts import LANGUAGES
from tests.app.rig import Rig, say_done
from tests.app.turn_context import make_context
from tests.fakes import FakeClock, make_chat, make_settings


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


GERMAN = LANGUAGES["de"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModelUnavailable(), GERMAN.model_away.format(reference="m1")),
        (ModelTimeout(), GERMAN.model_away.format(reference="m1")),
        (ModelRequestRefused(), f"⚠️ {GERMAN.model_refused} (Kennung m1)"),
        (ModelAccessDenied(), f"⚠️ {GERMAN.model_denied} (Kennung m1)"),
        (ContextTooLong(), f"⚠️ {GERMAN.model_overfull} (Kennung m1)"),
    ],
)
@pytest.mark.parametrize("chosen", ["", "de"])
async def test_a_failure_is_told_in_the_language_of_the_chat(
    error: ModelError, words: str, chosen: str
) -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise error

    chats = Rig().chats
    context = make_context(chat=make_chat("-100"), language="es" if chosen else "de")
    await chats.change(context.item.conversation, language=chosen)
    answer = await through(Apologise(FakeClock(), chats.texts), context, fail)
    assert answer.markdown == words


async def test_a_failure_is_told_in_the_language_of_its_person_where_no_chat_chose() -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise ModelReplyInvalid

    context = make_context(language="de")
    tried = replace(context, item=replace(context.item, attempts=MAX_ATTEMPTS))
    answer = await through(Apologise(FakeClock()), tried, fail)
    assert answer.markdown == f"⚠️ {GERMAN.model_failed} (Kennung m1)"


async def test_other_failures_are_not_apologised_for_here() -> None:
    async def fail(_context: TurnContext) -> Answer:
        raise LookupError

    with pytest.raises(LookupError):
        await through(Apologise(FakeClock()), make_context(), fail)
    assert (await through(Apologise(FakeClock()), make_context(), say_done)).markdown == "done"
