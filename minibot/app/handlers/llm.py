"""Asks the language model."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from minibot.app.crash_points import CrashPoints
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.conversation import window
from minibot.core.errors import ModelReplyInvalid
from minibot.core.llm import (
    CompletionRequest,
    FinishReason,
    Role,
    StreamEvent,
    Utterance,
    collect,
)
from minibot.core.messages import AttachmentKind, IncomingMessage
from minibot.core.ports import History, LanguageModel

ENTRIES_PER_EXCHANGE = 6
"""Entries read for each exchange wanted: a question, its answer, and room for tool calls."""

QUOTE_LIMIT = 1_000
"""Characters of a quoted message that are shown to the model."""

CUT_SHORT = "\n\n*(The answer reached the model's length limit and ends here.)*"


class AskModel:
    """The end of the pipeline: history and message in, the model's answer out."""

    def __init__(
        self, model: LanguageModel, history: History, *, crash_points: CrashPoints
    ) -> None:
        self._model = model
        self._history = history
        self._crash_points = crash_points

    async def __call__(self, context: TurnContext) -> Answer:
        question = Utterance(role=Role.USER, text=readable(context.message))
        request = await self._request(context, question)
        async with aclosing(self._model.stream(request)) as events:
            completion = await collect(self._watched(events))
        if completion.tool_calls:
            raise ModelReplyInvalid("the model called tools it was not offered")
        text = completion.text
        if completion.finish_reason is FinishReason.LENGTH:
            text += CUT_SHORT
        reply = Utterance(role=Role.ASSISTANT, text=completion.text)
        return Answer(markdown=text, entries=(question, reply))

    async def _watched(self, events: AsyncIterator[StreamEvent]) -> AsyncIterator[StreamEvent]:
        async for event in events:
            self._crash_points.reach("P3")
            yield event

    async def _request(self, context: TurnContext, question: Utterance) -> CompletionRequest:
        llm = context.settings.llm
        exchanges = llm.context.history_window
        past: list[Utterance] = []
        if exchanges:
            limit = exchanges * ENTRIES_PER_EXCHANGE
            past = await self._history.recent(context.item.conversation, limit)
        shown = window(past, exchanges=exchanges, tokens=llm.context.max_history_tokens)
        return CompletionRequest(
            model=llm.model,
            system_prompt=llm.context.system_prompt,
            messages=(*shown, question),
            temperature=llm.temperature,
            max_new_tokens=llm.max_new_tokens,
        )


def readable(message: IncomingMessage) -> str:
    """Say in words what a person sent, for a model that reads text only."""
    lines = []
    if message.quoted_text:
        lines.append(f"[In answer to: {message.quoted_text[:QUOTE_LIMIT]}]")
    for attachment in message.attachments:
        name = f' named "{attachment.name}"' if attachment.name else ""
        kind = "something" if attachment.kind is AttachmentKind.OTHER else attachment.kind.value
        lines.append(f"[Sent with it: {kind.replace('_', ' ')}{name}. You cannot open it.]")
    lines.append(message.text)
    return "\n".join(line for line in lines if line) or "[An empty message.]"
