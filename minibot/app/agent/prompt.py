"""Puts together what the model is shown, within what it can read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from minibot.app.model_chain import Place
from minibot.core.chat_settings import UNCHANGED, ChatSettings, Verbosity
from minibot.core.conversation import cost, repaired, window
from minibot.core.llm import PICTURE_TOKENS, CompletionRequest, Role, ToolSpec, Utterance
from minibot.core.settings import ModelContext
from minibot.core.tokens import BYTES_PER_TOKEN, tokens_of_text

SHORTENED = "\n[… shortened …]\n"
SHORT_RESULT = 600
"""Characters that stay of a result which has to make room."""

SHORT_QUESTION_TOKENS = 64
"""A question is not cut below this, however little room there is."""

ENTRIES_PER_EXCHANGE = 6
"""Entries read for each exchange wanted: a question, its answer, and room for tool calls."""

BLIND = "[You cannot see pictures, and the person is told so.]"
"""Stands for the pictures of an entry where the model takes none."""

STYLES = {
    Verbosity.BRIEF: "Keep your answers as short as they can be.",
    Verbosity.NORMAL: "",
    Verbosity.DETAILED: "Answer in detail: explain, give reasons and examples.",
}
"""What is added to the instructions."""

MOST_ENTRIES = 1_000
"""More are never read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Everything there is to show in one turn, before it is fitted."""

    context: ModelContext
    past: Sequence[Utterance]
    question: Utterance
    work: Sequence[Utterance]
    """What the turn did so far: calls and their results."""
    facts: str = ""
    """What is remembered about the person."""
    summary: str = ""
    """What was said before `past`."""
    chat: ChatSettings = UNCHANGED
    closing: str = ""
    """Said last when no more tools may be called."""


def fitted(prompt: Prompt, place: Place, tools: tuple[ToolSpec, ...]) -> CompletionRequest:
    """Make the request for one model.

    What does not fit goes in this order: the oldest exchanges, the older results of this turn,
    the middle of the question.
    """
    offered = tools if place.tools and not prompt.closing else ()
    system = _system_prompt(prompt)
    closing = (Utterance(role=Role.USER, text=prompt.closing),) if prompt.closing else ()
    left = place.room - tokens_of_text(system) - cost(offered) - cost(closing)
    asked, said = prompt.question, prompt.past
    if not place.vision:
        (asked,), said = _unseen([asked]), _unseen(said)
    question, work = _fit_turn(asked, prompt.work, left)
    left -= cost((question, *work))
    past = window(
        said,
        exchanges=prompt.context.history_window,
        tokens=max(0, min(left, prompt.context.max_history_tokens)),
    )
    return CompletionRequest(
        model=place.model.model,
        system_prompt=system,
        messages=(*past, question, *work, *closing),
        tools=offered,
        temperature=(
            place.model.temperature if prompt.chat.temperature is None else prompt.chat.temperature
        ),
        max_new_tokens=place.model.max_new_tokens,
        once=place.once,
    )


def _unseen(entries: Sequence[Utterance]) -> Sequence[Utterance]:
    """Take the pictures out of entries, and say so."""
    if not any(entry.pictures for entry in entries):
        return entries
    return [
        replace(entry, pictures=(), text=f"{entry.text}\n{BLIND}") if entry.pictures else entry
        for entry in entries
    ]


def entries_to_read(context: ModelContext) -> int:
    """Say how much of a history is looked at."""
    return min(context.history_window * ENTRIES_PER_EXCHANGE, MOST_ENTRIES)


def exchanges_shown(past: Sequence[Utterance], context: ModelContext) -> int:
    """Count the newest exchanges that are shown where the model has room for them."""
    fitting = window(past, exchanges=context.history_window, tokens=context.max_history_tokens)
    return sum(entry.role is Role.USER for entry in fitting)


def _system_prompt(prompt: Prompt) -> str:
    """Put what changes least first, so that providers can reuse what they have read."""
    parts = [prompt.context.system_prompt, prompt.chat.prompt, STYLES[prompt.chat.verbosity]]
    if prompt.facts:
        parts.append(prompt.facts)
    if prompt.summary:
        parts.append(f"What was said before, in short:\n{prompt.summary}")
    return "\n\n".join(part for part in parts if part)


def _fit_turn(
    question: Utterance, work: Sequence[Utterance], room: int
) -> tuple[Utterance, Sequence[Utterance]]:
    """Shorten results, the oldest first, then the question, until the turn fits."""
    entries = list(repaired((question, *work)))
    excess = cost(entries) - room
    for index, entry in enumerate(entries):
        if excess <= 0:
            break
        if entry.role is Role.TOOL:
            entries[index] = replace(entry, text=cut_middle(entry.text, SHORT_RESULT))
            excess -= entry.tokens - entries[index].tokens
    if excess > 0:
        words = question.tokens - PICTURE_TOKENS * len(question.pictures)
        keep = max(words - excess, SHORT_QUESTION_TOKENS)
        entries[0] = replace(question, text=cut_middle(question.text, keep * BYTES_PER_TOKEN // 2))
    return entries[0], entries[1:]


def cut_middle(text: str, characters: int) -> str:
    """Leave the beginning and the end of a text."""
    if len(text) <= characters + len(SHORTENED):
        return text
    half = characters // 2
    return f"{text[:half]}{SHORTENED}{text[len(text) - half :]}"
