"""Which messages of a group are answered."""

from datetime import timedelta

import pytest

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.group_mode import HeedGroupMode
from minibot.app.pipeline import compose
from minibot.core.chat_settings import GroupMode
from minibot.core.inbox import InboxState
from minibot.core.messages import Press
from minibot.core.settings import Settings
from tests.app.rig import Rig, say_done
from tests.app.turn_context import make_context
from tests.fakes import START, make_chat

GROUP = "telegram:-100"


@pytest.mark.parametrize(
    ("mode", "text", "addressed", "answered"),
    [
        (GroupMode.DEFAULT, "hello", True, True),
        (GroupMode.DEFAULT, "hello", False, False),
        (GroupMode.ADDRESSED, "hello", True, True),
        (GroupMode.ADDRESSED, "hello", False, False),
        (GroupMode.ALWAYS, "hello", True, True),
        (GroupMode.ALWAYS, "hello", False, True),
        (GroupMode.ALWAYS, "/start@other_bot", False, False),
        (GroupMode.ALWAYS, "/help", True, True),
        (GroupMode.OFF, "hello", True, False),
        (GroupMode.OFF, "hello", False, False),
        (GroupMode.OFF, "/etc/passwd", True, False),
        (GroupMode.OFF, "/groupmode always", True, True),
        (GroupMode.OFF, "/start@other_bot", False, False),
    ],
)
async def test_mode_of_a_group(mode: GroupMode, text: str, addressed: bool, answered: bool) -> None:
    book = ChatSettingsBook(Rig().storage.preferences)
    await book.change(GROUP, group_mode=mode)
    handle = compose(say_done, [HeedGroupMode(book)])
    context = make_context(text, chat=make_chat("-100"), private=False, addressed=addressed)
    answer = await handle(context)
    assert (answer.markdown == "done") == answered
    assert (answer.state is InboxState.IGNORED) == (not answered)


@pytest.mark.parametrize(
    ("config", "group", "topic", "answered"),
    [
        ("always", GroupMode.DEFAULT, GroupMode.DEFAULT, True),
        ("off", GroupMode.DEFAULT, GroupMode.DEFAULT, False),
        ("addressed", GroupMode.ALWAYS, GroupMode.DEFAULT, True),
        ("always", GroupMode.OFF, GroupMode.DEFAULT, False),
        ("always", GroupMode.OFF, GroupMode.ALWAYS, True),
        ("always", GroupMode.ALWAYS, GroupMode.ADDRESSED, False),
    ],
)
async def test_a_topic_goes_before_its_group_and_that_before_the_settings(
    config: str, group: GroupMode, topic: GroupMode, answered: bool
) -> None:
    settings = Settings.model_validate({"channels": {"telegram": {"groups": {"mode": config}}}})
    book = ChatSettingsBook(Rig().storage.preferences)
    await book.change(GROUP, group_mode=group)
    await book.change(f"{GROUP}:17", group_mode=topic)
    handle = compose(say_done, [HeedGroupMode(book)])
    chat = make_chat("-100", "17")
    context = make_context(chat=chat, private=False, addressed=False, settings=settings)
    assert ((await handle(context)).markdown == "done") == answered


@pytest.mark.parametrize(("addressed", "answered"), [(True, True), (False, False)])
async def test_what_was_said_to_nobody_long_ago_is_not_answered(
    addressed: bool, answered: bool
) -> None:
    book = ChatSettingsBook(Rig().storage.preferences)
    await book.change(GROUP, group_mode=GroupMode.ALWAYS)
    long_ago = START - timedelta(minutes=6)
    context = make_context(
        chat=make_chat("-100"), private=False, addressed=addressed, sent_at=long_ago
    )
    answer = await compose(say_done, [HeedGroupMode(book)])(context)
    assert (answer.markdown == "done") == answered


@pytest.mark.parametrize("group", [True, False])
async def test_presses_and_private_messages_pass_in_every_mode(group: bool) -> None:
    book = ChatSettingsBook(Rig().storage.preferences)
    await book.change(GROUP if group else "telegram:42", group_mode=GroupMode.OFF)
    chat = make_chat("-100") if group else make_chat()
    press = Press(id="1", data="x", message_id="2") if group else None
    context = make_context("hello", chat=chat, private=not group, press=press)
    assert (await compose(say_done, [HeedGroupMode(book)])(context)).markdown == "done"
