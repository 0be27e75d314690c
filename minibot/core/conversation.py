"""History: what of a conversation is shown to the model."""

from collections.abc import Iterable, Sequence
from itertools import groupby, takewhile

from minibot.core.llm import Role, Utterance

BYTES_PER_TOKEN = 3
"""A cautious figure: English runs near 4, Cyrillic near 3, code between."""

OVERHEAD_TOKENS = 4
"""What a provider adds for the frame of one entry."""


def estimate_tokens(utterance: Utterance) -> int:
    """Guess how many tokens an entry costs, rather too many than too few."""
    calls = sum(len(c.name) + len(c.arguments.encode()) for c in utterance.tool_calls)
    return OVERHEAD_TOKENS + (len(utterance.text.encode()) + calls) // BYTES_PER_TOKEN


def window(history: Sequence[Utterance], *, exchanges: int, tokens: int) -> tuple[Utterance, ...]:
    """Take the newest whole exchanges that fit.

    An exchange is a user's entry and all that follows it up to the next one, so a tool call
    and its result are kept or dropped together, and what is left begins with a user. Entries
    before the first user's are dropped, and so are exchanges a provider would refuse.

    Args:
        history: oldest first.
        exchanges: how many at the most; 0 for none.
        tokens: what they may cost together, by `estimate_tokens`.
    """
    whole = [exchange for exchange in split_exchanges(history) if is_legal(exchange)]
    newest_first = reversed(whole[-exchanges:] if exchanges else [])
    kept = list(_within_budget(newest_first, tokens))
    return tuple(entry for exchange in reversed(kept) for entry in exchange)


def split_exchanges(history: Iterable[Utterance]) -> list[tuple[Utterance, ...]]:
    """Cut a history before every user's entry; what precedes the first is dropped."""
    number = 0

    def numbered(entry: Utterance) -> int:
        nonlocal number
        number += entry.role is Role.USER
        return number

    return [tuple(entries) for index, entries in groupby(history, numbered) if index]


def is_legal(exchange: Sequence[Utterance]) -> bool:
    """Say whether every tool call has its one result, right behind it, and none is alone."""
    open_calls: set[str] = set()
    for entry in exchange:
        if entry.role is Role.TOOL:
            if entry.tool_call_id not in open_calls:
                return False
            open_calls.remove(entry.tool_call_id)
        elif open_calls:
            return False
        else:
            open_calls = {call.id for call in entry.tool_calls}
    return not open_calls


def _within_budget(
    newest_first: Iterable[tuple[Utterance, ...]], tokens: int
) -> Iterable[tuple[Utterance, ...]]:
    left = tokens

    def fits(exchange: tuple[Utterance, ...]) -> bool:
        nonlocal left
        left -= sum(estimate_tokens(entry) for entry in exchange)
        return left >= 0

    return takewhile(fits, newest_first)
