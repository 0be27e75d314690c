"""What is answered by itself of what was sent while minibot was away: the edges of the window."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from minibot.core.catch_up import (
    BEFORE,
    Kept,
    Limits,
    MissedItem,
    oldest,
    was_missed,
    why_kept,
)
from minibot.core.messages import IncomingMessage
from minibot.core.settings import CatchUp, Settings
from tests.fakes import START, make_chat, make_message

LISTENS = START + timedelta(milliseconds=700)
"""A process begins inside a second, and channels tell whole ones."""

WINDOW = 300


@pytest.mark.parametrize(
    ("seconds", "missed"),
    [
        (-86_400, True),
        (-1, True),
        (0, False),  # may have been sent in the rest of that second
        (1, False),
        (2, False),  # the channel's clock is ahead of ours
        (3600, False),  # however long it was on its way
    ],
)
def test_missed_is_what_was_sent_before_the_start(seconds: int, missed: bool) -> None:
    assert was_missed(START + timedelta(seconds=seconds), LISTENS) is missed


@pytest.mark.parametrize(
    ("seconds", "window", "kept"),
    [
        (-1, WINDOW, None),
        (-WINDOW + 1, WINDOW, None),
        (-WINDOW, WINDOW, None),
        (-WINDOW - 1, WINDOW, Kept.TOO_OLD),
        (-86_400, WINDOW, Kept.TOO_OLD),
        (-1, 0, Kept.TOO_OLD),
        (-1, 1, None),
        (-2, 1, Kept.TOO_OLD),
        (-7 * 86_400, 7 * 86_400, None),
    ],
)
def test_the_edge_of_the_window_is_inside(seconds: int, window: int, kept: Kept | None) -> None:
    limits = Limits(window=timedelta(seconds=window), most=50)
    sent_at = START + timedelta(seconds=seconds)
    assert why_kept(sent_at, start=LISTENS, limits=limits, answered=0) is kept


@pytest.mark.parametrize(
    ("answered", "kept"), [(0, None), (49, None), (50, Kept.TOO_MANY), (51, Kept.TOO_MANY)]
)
def test_so_many_of_a_chat_are_answered_and_no_more(answered: int, kept: Kept | None) -> None:
    limits = Limits(window=timedelta(seconds=WINDOW), most=50)
    recent, old = START - timedelta(seconds=9), START - timedelta(seconds=WINDOW + 1)
    assert why_kept(recent, start=LISTENS, limits=limits, answered=answered) is kept
    assert why_kept(old, start=LISTENS, limits=limits, answered=answered) is Kept.TOO_OLD


def test_a_message_is_offered_once_and_skipped_only_then() -> None:
    assert {
        Kept.OFFERED: {Kept.TOO_OLD, Kept.TOO_MANY},
        Kept.SKIPPED: {Kept.OFFERED},
    } == BEFORE


def item(message: IncomingMessage | None) -> MissedItem:
    return MissedItem(id=1, chat=make_chat(), message=message, kept=Kept.TOO_OLD)


def test_the_oldest_is_the_first_sent_of_those_that_are_left() -> None:
    earlier = START - timedelta(hours=1)
    items = [item(None), item(make_message()), item(make_message(sent_at=earlier))]
    assert oldest(items) == earlier
    assert oldest([item(None)]) is None


@pytest.mark.parametrize(
    ("key", "allowed", "refused"),
    [
        ("window_seconds", (0, 300, 604_800), (-1, 604_801)),
        ("max_per_chat", (1, 50, 1000), (0, 1001)),
    ],
)
def test_the_settings_have_limits(
    key: str, allowed: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    for value in allowed:
        assert getattr(CatchUp.model_validate({key: value}), key) == value
    for value in refused:
        with pytest.raises(ValidationError, match=key):
            CatchUp.model_validate({key: value})


def test_five_minutes_and_fifty_messages_unless_told_otherwise() -> None:
    assert Settings().catch_up == CatchUp(window_seconds=300, max_per_chat=50)
