"""History: what of a conversation is shown to the model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from minibot.core.llm import Role, ToolCall, ToolSpec, Utterance

_USER, _TOOL = Role.USER, Role.TOOL
"""Looked up once: these stand in loops over whole histories."""

NO_RESULT = "(There is no result: the call was interrupted.)"


def cost(entries: Iterable[Utterance | ToolSpec]) -> int:
    """Guess how many tokens entries or tools cost together."""
    return sum([entry.tokens for entry in entries])  # a list: half the time of a generator


def window(history: Sequence[Utterance], *, exchanges: int, tokens: int) -> tuple[Utterance, ...]:
    """Take the newest whole exchanges that fit.

    An exchange is a user's entry and all that follows it up to the next one, so a tool call
    and its result are kept or dropped together, and what is left begins with a user. Entries
    before the first user's are dropped, and what a provider would refuse is repaired.

    Args:
        history: oldest first.
        exchanges: how many at the most; 0 for none.
        tokens: what they may cost together.
    """
    if cost(history) <= tokens and not any(
        [entry.role is _TOOL or entry.tool_calls for entry in history]
    ):
        return tuple(newest(history, exchanges))  # as most are, and nothing has to be mended
    kept: list[Sequence[Utterance]] = []
    left = tokens
    for exchange in islice(newest_exchanges(history), exchanges):
        legal = repaired(exchange)
        left -= cost(legal)
        if left < 0:
            break
        kept.append(legal)
    return tuple(chain.from_iterable(reversed(kept)))


def newest(history: Sequence[Utterance], exchanges: int) -> Sequence[Utterance]:
    """Leave out what lies before the newest so many exchanges."""
    oldest, left = len(history), exchanges
    for place in range(len(history) - 1, -1, -1):
        if not left:
            break
        if history[place].role is _USER:
            oldest, left = place, left - 1
    return history[oldest:]


def newest_exchanges(history: Sequence[Utterance]) -> Iterator[Sequence[Utterance]]:
    """Cut a history before every user's entry and give the pieces, the newest first.

    What precedes the first user's entry is dropped. Lazy: a long history is walked as far as
    somebody asks.
    """
    end = len(history)
    for start in range(end - 1, -1, -1):
        if history[start].role is _USER:
            yield history[start:end]
            end = start


def is_legal(exchange: Sequence[Utterance]) -> bool:
    """Say whether every tool call has its one result, right behind it, and none is alone."""
    open_calls: set[str] | None = None
    for entry in exchange:
        if entry.role is _TOOL:
            if not open_calls or entry.tool_call_id not in open_calls:
                return False
            open_calls.remove(entry.tool_call_id)
        elif open_calls:
            return False
        elif entry.tool_calls:
            open_calls = {call.id for call in entry.tool_calls}
    return not open_calls


def repaired(exchange: Sequence[Utterance]) -> Sequence[Utterance]:
    """Make an exchange one that no provider refuses; the same when it is one.

    A call without a result gets one that says so, a result without its call is dropped, and
    results stand right behind their calls.
    """
    if is_legal(exchange):
        return exchange
    results = {entry.tool_call_id: entry for entry in exchange if entry.role is Role.TOOL}
    mended: list[Utterance] = []
    for entry in exchange:
        if entry.role is Role.TOOL:
            continue
        calls = tuple({call.id: call for call in entry.tool_calls}.values())
        mended.append(replace(entry, tool_calls=calls))
        mended += [results.get(call.id) or _missing(call) for call in calls]
    return mended


def _missing(call: ToolCall) -> Utterance:
    return Utterance(role=Role.TOOL, text=NO_RESULT, tool_call_id=call.id)
