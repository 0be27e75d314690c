"""Answers with the language model and its tools."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from minibot.app.agent.accounting import account_of
from minibot.app.agent.limits import TurnBudget
from minibot.app.agent.loop import Spoken, TurnLoop
from minibot.app.agent.prompt import entries_to_read, exchanges_shown
from minibot.app.agent.receipts import with_receipts
from minibot.app.agent.turn_state import TurnState
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.enclosures import Enclosed, Enclosures
from minibot.app.incognito import Incognito
from minibot.app.markdown import closed
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.recall import CachedNotes
from minibot.app.taking_back import exchange_of, reminded, without_last
from minibot.core.access import open_to_strangers
from minibot.core.conversation import cost, newest, newest_exchanges
from minibot.core.gathering import FORWARDED
from minibot.core.llm import Completion, FinishReason, Role, ToolSpec, Utterance
from minibot.core.messages import IncomingMessage
from minibot.core.owners import owner_of
from minibot.core.ports import Clock, History, Tool, Toolbox
from minibot.core.settings import ModelContext
from minibot.core.texts import Texts

QUOTE_LIMIT = 1_000
"""Characters of a quoted message that are shown to the model."""

MEMORY_TOOLS = frozenset(
    {
        "note_save",
        "note_get",
        "note_search",
        "note_delete",
        "chat_history_info",
        "chat_history_trim",
        "chat_history_search",
    }
)
"""What an incognito conversation is without."""

Overflow = Callable[[str, int], None]
"""Told a conversation of which more was said than is shown, and what its last exchange may cost."""


Enter = Callable[[TurnContext], Awaitable[Sequence[IncomingMessage]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Where a turn finds what was said and noted before."""

    history: History
    notes: CachedNotes
    incognito: Incognito
    chats: ChatSettingsBook


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    past: Sequence[Utterance]
    facts: str
    summary: str
    tainted: bool
    tainted_last: bool = False
    """True when strangers' words were in the exchange that is redone."""


class AskModel:
    """The end of the pipeline: history and message in, the model's answer out."""

    def __init__(
        self,
        loop: TurnLoop,
        toolbox: Toolbox,
        remembered: Remembered,
        *,
        enclosures: Enclosures,
        clock: Clock,
        on_overflow: Overflow,
        enter: Enter,
    ) -> None:
        """`enter` takes into a turn what its person said since it began."""
        self._loop = loop
        self._toolbox = toolbox
        self._remembered = remembered
        self._enclosures = enclosures
        self._clock = clock
        self._on_overflow = on_overflow
        self._enter = enter
        self._specs: tuple[Mapping[str, Tool], tuple[ToolSpec, ...]] = ({}, ())
        """Of the tools that were offered last; they hardly ever change."""

    async def __call__(self, context: TurnContext) -> Answer:
        enclosed = await self._enclosures.open(context)
        if not self._remembered.incognito.is_on(context.item.conversation):
            return await self._answer_to(context, enclosed, incognito=False)
        try:
            return await self._answer_to(context, enclosed, incognito=True)
        finally:
            await self._enclosures.discard(context, enclosed)

    async def _answer_to(
        self, context: TurnContext, enclosed: Enclosed, *, incognito: bool
    ) -> Answer:
        before = await (self._look_aside if incognito else self._look_back)(context)
        tools = self._tools(context, incognito=incognito)
        asked = _question(context.message, enclosed)
        question = reminded(asked, context.former, untrusted=before.tainted_last)
        turn = TurnState(
            context=context,
            budget=TurnBudget(context.settings.tools, self._clock),
            tools=tools,
            specs=self._specs_of(tools),
            past=before.past,
            question=question,
            asked=_for_later(asked, context.message, enclosed),
            facts=before.facts,
            summary=before.summary,
            chat=self._remembered.chats.of(context.item.conversation),
            listen=lambda: self._listen(context),
            tainted=before.tainted or question.untrusted,
        )

        def answer(spoken: Spoken) -> Answer:
            return self._with_notes(self._answer(turn, spoken), turn, enclosed.problems)

        context.progress.finish = lambda said: answer(_stopped(said))
        await self._loop.resume(turn)
        spoken = await self._loop.run(turn)
        # Else the turn and what it knows would hold each other until a collection of garbage.
        context.progress.finish = None
        return answer(spoken)

    async def _listen(self, context: TurnContext) -> Sequence[Utterance]:
        """Put into words what the person said since the turn began."""
        heard = []
        for message in await self._enter(context):
            said = replace(context, item=replace(context.item, message=message))
            heard.append(_question(message, await self._enclosures.open(said)))
        return heard

    def _tools(self, context: TurnContext, *, incognito: bool) -> Mapping[str, Tool]:
        tools = self._toolbox.enabled(context.settings)
        if not incognito:
            return tools
        return {name: tool for name, tool in tools.items() if name not in MEMORY_TOOLS}

    def _specs_of(self, tools: Mapping[str, Tool]) -> tuple[ToolSpec, ...]:
        if tools is not self._specs[0]:
            self._specs = (tools, tuple(tool.spec for tool in tools.values()))
        return self._specs[1]

    async def _look_aside(self, context: TurnContext) -> _Before:
        """Look at what an incognito conversation knows of itself."""
        former = None if context.former is None else context.former.exchange
        past = self._remembered.incognito.said(context.item.conversation, but=former)
        tainted = any(entry.untrusted for entry in past)
        return _Before(past=past, facts="", summary="", tainted=tainted)

    async def _look_back(self, context: TurnContext) -> _Before:
        conversation, settings = context.item.conversation, context.settings
        facts = ""
        if settings.tools.kv_memory.enabled:
            facts = await self._remembered.notes.facts(owner_of(context.message, settings))
        limits = settings.llm.context
        if not limits.history_window:
            return _Before(past=(), facts=facts, summary="", tainted=False)
        history = self._remembered.history
        read = await history.recent(conversation, entries_to_read(limits))
        past = without_last(read, context.former)
        shown = await self._enclosures.still_shown(newest(past, limits.history_window))
        summary = None
        if limits.summary and _holds_more(past, limits):
            self._on_overflow(conversation, _cost_of_newest(past))
            summary = await history.summary(conversation)
        return _Before(
            past=shown,
            facts=facts,
            summary=summary.text if summary else "",
            tainted=any([entry.untrusted for entry in shown])  # a list: half the time
            or (summary is not None and summary.untrusted)
            or (bool(shown) and _among_strangers(context)),
            tainted_last=context.former is not None
            and any(entry.untrusted for entry in read[len(past) :]),
        )

    def _answer(self, turn: TurnState, spoken: Spoken) -> Answer:
        completion = spoken.completion
        text = closed(completion.text)
        if spoken.stopped or spoken.limit or completion.finish_reason is FinishReason.LENGTH:
            text = f"{text}\n\n{_why_it_ends(spoken, self._texts(turn))}"
        # Also when it was before this turn that strangers came in: a page can tell the model to
        # repeat it for ever. A fresh conversation ends that.
        reply = Utterance(role=Role.ASSISTANT, text=completion.text, untrusted=turn.tainted)
        entries = (turn.asked or turn.question, *turn.remembered(), reply)
        context, exchange = turn.context, exchange_of(turn.context)
        conversation, former = context.item.conversation, context.former
        incognito = self._remembered.incognito.is_on(conversation)
        answer = Answer(
            markdown=text,
            entries=() if incognito else entries,
            account=None if incognito else account_of(turn),
            exchange=exchange,
            drops=0 if former is None or incognito else former.exchange.item,
            in_place_of=() if former is None else former.parts,
            incognito=incognito,
        )
        if incognito:
            if former is not None:
                self._remembered.incognito.drop(conversation, former.exchange)
            said = [_without_files(entry) for entry in entries]
            self._remembered.incognito.add(conversation, said, exchange)
        steps = (*former.steps, *turn.steps) if former else turn.steps
        return with_receipts(answer, steps, self._texts(turn)) if steps else answer

    def _with_notes(self, answer: Answer, turn: TurnState, problems: Sequence[str]) -> Answer:
        """Tell what of the message was not looked at: nothing is left out in silence."""
        notes = list(problems)
        if turn.unseen:
            notes.insert(0, self._texts(turn).picture_unseen.format(model=turn.unseen))
        if not notes:
            return answer
        return replace(answer, markdown="\n\n".join((answer.markdown, *notes)))

    def _texts(self, turn: TurnState) -> Texts:
        return self._remembered.chats.texts(turn.context.message)


def _why_it_ends(spoken: Spoken, texts: Texts) -> str:
    """Say why an answer is no longer than it is."""
    if spoken.stopped:
        return texts.answer_stopped
    if spoken.completion.finish_reason is FinishReason.LENGTH:
        return texts.cut_short
    return texts.stopped_early.format(limit=spoken.limit)


def _question(message: IncomingMessage, enclosed: Enclosed) -> Utterance:
    return Utterance(
        role=Role.USER,
        text=readable(message, enclosed.lines),
        untrusted=message.foreign or enclosed.untrusted,
        pictures=enclosed.pictures,
    )


def _for_later(asked: Utterance, message: IncomingMessage, enclosed: Enclosed) -> Utterance:
    """Shorten what is remembered of what came with a message."""
    if enclosed.kept == enclosed.lines:
        return asked
    return replace(asked, text=readable(message, enclosed.kept))


def _without_files(entry: Utterance) -> Utterance:
    return replace(entry, pictures=()) if entry.pictures else entry


def _stopped(said: str) -> Spoken:
    return Spoken(completion=Completion(text=said.rstrip()), stopped=True)


def _among_strangers(context: TurnContext) -> bool:
    message = context.message
    return open_to_strangers(context.settings, message.chat, private=message.private)


def readable(message: IncomingMessage, enclosed: Sequence[str] = ()) -> str:
    """Say in words what a person sent, and what was found in what came with it."""
    lines = []
    if message.quoted_text:
        lines.append(f"[In answer to: {message.quoted_text[:QUOTE_LIMIT]}]")
    elif message.foreign and FORWARDED not in message.text:
        lines.append(FORWARDED)
    lines += enclosed
    lines.append(message.text)
    said = "\n".join(line for line in lines if line) or "[An empty message.]"
    if message.private or not message.sender.name:
        return said
    return f"{message.sender.name}: {said}"


def _cost_of_newest(past: Sequence[Utterance]) -> int:
    """Give what the last exchange may cost in tokens; all counts where no question is among it."""
    return cost(next(newest_exchanges(past), past))


def _holds_more(past: Sequence[Utterance], limits: ModelContext) -> bool:
    """Say whether there is more, as far as is known of a past that was read, than is shown."""
    if len(past) >= entries_to_read(limits):
        return True
    exchanges = [entry.role for entry in past].count(Role.USER)
    if exchanges <= limits.history_window and cost(past) <= limits.max_history_tokens:
        return False  # which is soon said of most conversations
    return exchanges_shown(past, limits) < exchanges
