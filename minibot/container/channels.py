"""The registry of channels."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from minibot import __version__
from minibot.adapters.channels.console.channel import standard_console
from minibot.adapters.channels.telegram.rendering.documents import as_document
from minibot.adapters.channels.telegram.rendering.markup import render, render_caption
from minibot.adapters.channels.telegram.rendering.rich import render_rich
from minibot.adapters.locks import hold_token
from minibot.app.channels import ChannelKind
from minibot.container.outside import Outside
from minibot.core.access import CONSOLE, TELEGRAM
from minibot.core.messages import ChatRef, Document, Part
from minibot.core.ports import Channel, RichForms, SettingsSource
from minibot.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRegistry:
    """Builds channels."""

    outside: Outside
    settings: SettingsSource
    moved_chats: Callable[[], Mapping[str, str]]
    rich: RichForms
    on_moved: Callable[[ChatRef, str], Awaitable[None]]
    on_conflict: Callable[[], None]

    def kinds(self) -> Mapping[str, ChannelKind]:
        """The registry of channels; one line each."""
        return {
            TELEGRAM: ChannelKind(
                enabled=lambda settings: settings.channels.telegram.enabled,
                key=_telegram_key,
                build=self._telegram,
                render=render,
                render_rich=render_rich,
                render_caption=render_caption,
                as_document=self._as_document,
            ),
            CONSOLE: ChannelKind(
                enabled=lambda settings: settings.channels.console.enabled,
                key=lambda settings: (),
                build=self._console,
                render=render,
                render_rich=render,
                render_caption=render,
                as_document=lambda markdown, parts: None,
            ),
        }

    def _telegram(self, settings: Settings) -> Channel:
        # Costs 0.6 s to import, which an installation without Telegram need not pay.
        from minibot.adapters.channels.telegram.channel import TelegramChannel
        from minibot.adapters.channels.telegram.listening import Surroundings

        return TelegramChannel(
            settings.channels.telegram,
            Surroundings(
                settings=self.settings,
                clock=self.outside.clock,
                random=self.outside.random,
                moved_chats=self.moved_chats,
                rich=self.rich,
                on_moved=self.on_moved,
                on_conflict=self.on_conflict,
                hold_token=hold_token,
            ),
        )

    def _as_document(self, markdown: str, parts: Sequence[Part]) -> Document | None:
        most_parts = self.settings.current.channels.telegram.long_answer_parts
        return as_document(markdown, parts, most_parts=most_parts) if most_parts else None

    def _console(self, settings: Settings) -> Channel:
        offline = settings.llm.provider == "offline"
        model = "the offline responder" if offline else f"{settings.llm.model}"
        greeting = f"minibot {__version__} with {model}. /help lists commands, Ctrl-D ends."
        return standard_console(self.outside.clock, greeting)


def _telegram_key(settings: Settings) -> tuple[object, ...]:
    """What a running Telegram channel cannot follow; allow-lists it reads at every message."""
    telegram = settings.channels.telegram
    connection = (telegram.bot_token.get_secret_value(), telegram.api_base_url, telegram.mode)
    if telegram.mode == "long_polling":
        return connection
    return (
        *connection,
        telegram.webhook_url,
        telegram.webhook_secret.get_secret_value(),
        telegram.webhook_host,
        telegram.webhook_port,
    )


async def check_token(old: Settings, new: Settings) -> None:
    """Ask Telegram about a new token before the old one is given up for it."""
    before, after = old.channels.telegram, new.channels.telegram
    if not after.enabled or _telegram_key(old)[:2] == _telegram_key(new)[:2] and before.enabled:
        return
    from minibot.adapters.channels.telegram.token import check_token as ask_about

    await ask_about(after)
