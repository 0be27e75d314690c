"""Commands about the last answer: another one, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from minibot.app.agent.receipts import with_receipts
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.exchanges import ExchangeBook
from minibot.app.handlers.command import Command, notice
from minibot.app.markdown import literal
from minibot.app.pipeline import Answer, TurnContext
from minibot.app.taking_back import quoted, receipts_of, removals
from minibot.core.exchanges import Exchange
from minibot.core.messages import IncomingMessage
from minibot.core.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoCommands:
    """Takes exchanges back, one after the other, and says why none can be redone."""

    book: ExchangeBook
    chats: ChatSettingsBook

    def commands(self) -> dict[str, Command]:
        return {
            "retry": Command(run=self._retry, help="try my last answer again"),
            "undo": Command(run=self.undo, help="take the last exchange back"),
        }

    async def _retry(self, context: TurnContext, _rest: str) -> Answer:
        """Say why not; what can be retried goes to the model before it comes here."""
        texts = self.chats.texts(context.message)
        last = await self.book.last(context.item.conversation)
        asked = [] if last is None else await self.book.questions(last)
        if asked and asked[0].work is None and asked[0].sender.id != context.message.sender.id:
            return notice(texts.not_your_exchange)
        return notice(texts.retry_nothing)

    async def undo(self, context: TurnContext, _rest: str = "") -> Answer:
        texts, message = self.chats.texts(context.message), context.message
        last = await self.book.last(context.item.conversation)
        if last is None:
            return notice(texts.undo_nothing)
        asked = await self.book.questions(last)
        if asked and asked[0].sender.id != message.sender.id:
            return notice(texts.not_your_exchange)
        parts = await self.book.parts(last)
        key = f"undone:{context.item.id}"
        gone = removals(parts, key, message.chat, mark=texts.undone_mark)
        self.book.forget(context.item.conversation, last)
        answer = Answer(markdown=_told(asked, texts), drops=last.item, drafts=gone)
        return await self._with_effects(answer, last, texts)

    async def _with_effects(self, answer: Answer, exchange: Exchange, texts: Texts) -> Answer:
        """Keep the Undo buttons within reach that went with the answer."""
        steps = await self.book.steps(exchange)
        if not receipts_of(steps):
            return answer
        markdown = f"{answer.markdown}\n\n{texts.stays_done}"
        return with_receipts(replace(answer, markdown=markdown), steps, texts)


def _told(asked: Sequence[IncomingMessage], texts: Texts) -> str:
    if not asked or asked[0].work is not None:
        return texts.undone_work
    text = " ".join(message.text for message in asked if message.text)
    return texts.undone.format(question=literal(quoted(text) or "📎"))
