"""The command that tells how the last answer came about."""

from collections import Counter
from dataclasses import dataclass

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.command import Command
from minibot.app.incognito import Incognito
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.account import AnswerAccount
from minibot.core.ports import Outcomes
from minibot.core.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyCommand:
    """Shows the account of the last answer of a chat."""

    outcomes: Outcomes
    chats: ChatSettingsBook
    incognito: Incognito

    def commands(self) -> dict[str, Command]:
        return {"why": Command(run=self._why, help="show how my last answer came about")}

    async def _why(self, context: TurnContext, _rest: str) -> Answer:
        texts, conversation = self.chats.texts(context.message), context.item.conversation
        if self.incognito.is_on(conversation):
            return Answer(markdown=texts.why_incognito)
        account = await self.outcomes.account(conversation)
        if account is None:
            return Answer(markdown=texts.why_nothing)
        return Answer(markdown=_told(account, texts))


def _told(account: AnswerAccount, texts: Texts) -> str:
    usage, first = account.usage, account.first_seconds
    time = texts.why_time_unheard if first is None else texts.why_time
    lines = [
        texts.why_models.format(models=", ".join(_counted(account.models)) or texts.none),
        texts.why_tools.format(tools=", ".join(_counted(account.tools)) or texts.none),
        texts.why_tokens.format(
            input=f"{usage.input_tokens:,}",
            cached=f"{usage.cached_tokens:,}",
            output=f"{usage.output_tokens:,}",
        ),
        texts.why_no_price
        if account.cost is None
        else texts.why_cost.format(cost=f"{account.cost:.6f}".rstrip("0").rstrip(".")),
        time.format(first=f"{first or 0.0:.1f}", total=f"{account.seconds:.1f}"),
        texts.why_shown.format(
            exchanges=account.exchanges,
            facts=account.facts,
            summary=texts.yes if account.summary else texts.no,
            prompt=texts.yes if account.prompt else texts.no,
        ),
    ]
    heading = texts.why_heading.format(
        when=f"{account.answered_at:%Y-%m-%d %H:%M}", reference=f"`{account.reference}`"
    )
    return "\n".join((heading, "", *(f"- {line}" for line in lines)))


def _counted(names: tuple[str, ...]) -> list[str]:
    """Name each once, with how often it was there."""
    return [
        f"`{name}`" if times == 1 else f"`{name}` ×{times}"
        for name, times in Counter(names).items()
    ]
