"""Shows an answer while it is being written. What becomes of it never depends on this."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

from minibot.app.channels import ChannelSet
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.delivery import Delivery
from minibot.app.markdown import literal, so_far
from minibot.app.pipeline import TurnContext
from minibot.core.chat_settings import Switch
from minibot.core.errors import ChannelError, SendFailed, SlowDown, StorageUnavailable
from minibot.core.messages import Part, PreviewKind
from minibot.core.outbox import Draft, OutboxState, OutgoingPart
from minibot.core.ports import Channel, Clock, Outbox, Tell

log = logging.getLogger(__name__)

FIRST_AFTER_SECONDS = 0.06
"""An answer that is whole so soon after its first word is not shown twice."""

DRAFT_LIVES_SECONDS = 20.0
"""Telegram shows a draft for 30 s (Bot API, sendMessageDraft)."""

EDITS_PER_DURATION = 20
"""A message that grows for long is changed less often: groups take twenty messages a minute."""

THINKING = "💭 thinking"
LONG_SECONDS, STEP_SECONDS = 10, 5
"""From ten seconds on the time that something takes is told in steps of five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReach:
    """How previews get to people."""

    channels: ChannelSet
    outbox: Outbox
    tell: Tell
    delivery: Delivery
    """Knows what a chat can take at the moment."""
    clock: Clock
    chats: ChatSettingsBook


@dataclass(frozen=True, slots=True)
class Look:
    """When to look at an answer again."""

    seconds: float
    sleeps: bool = False
    """True when nothing that happens meanwhile matters."""
    shows: bool = False
    """True when there is something to be shown at once; see `Preview.show`."""


class Preview:
    """Follows the answer of one turn."""

    def __init__(self, context: TurnContext, reach: PreviewReach) -> None:
        self._context = context
        self._reach = reach
        self._progress = context.progress
        self._settings = context.settings.streaming
        self._kinds = list(self._wanted())
        self._began = reach.clock.monotonic()
        self._next = math.inf
        """Not before this; infinite until there is something to show."""
        self._shown = ""
        self._shown_at = -math.inf
        self._since: dict[str, float] = {}
        """When each of the running calls was seen first, and the thinking."""

    @property
    def is_draft(self) -> bool:
        """Say whether a draft is shown, beside which nothing has to say that somebody types."""
        return bool(self._shown and self._kinds and self._kinds[0] is PreviewKind.DRAFT)

    def look(self) -> Look:
        """Say whether it is time to show something, or else when to look again."""
        channel = self._reach.channels.find(self._context.message.chat.channel)
        now = self._reach.clock.monotonic()
        text = self._text(now)
        if not self._kinds or channel is None or not text or self._progress.is_over:
            return Look(1.0 if self._since else math.inf)
        if self._next == math.inf:
            self._next = now + FIRST_AFTER_SECONDS
        if now < self._next:
            return Look(self._next - now, sleeps=True)
        fresh = text != self._shown
        if not self._reach.delivery.is_free(self._context.message.chat):
            return Look(self._interval(self._kinds[0], now), sleeps=True)
        if fresh or (self.is_draft and now - self._shown_at >= DRAFT_LIVES_SECONDS):
            return Look(0.0, shows=True)
        return Look(1.0 if self._since else DRAFT_LIVES_SECONDS)

    async def show(self) -> None:
        """Show what there is. What goes wrong is no failure of the answer."""
        channel = self._reach.channels.find(self._context.message.chat.channel)
        now = self._reach.clock.monotonic()
        if channel is not None and self._kinds and (text := self._text(now)):
            await self._try(channel, text, now)

    def _wanted(self) -> Sequence[PreviewKind]:
        message = self._context.message
        channel, transport = self._reach.channels.find(message.chat.channel), self._transport()
        if channel is None or transport == "off" or self._context.former is not None:
            return ()  # what is redone changes once, when it is whole
        possible = channel.previews(private=message.private)
        if transport == "auto":
            return possible
        return [kind for kind in possible if kind.value == transport]

    def _transport(self) -> str:
        """Give what config.toml says, unless the chat chose for itself."""
        configured = self._settings.transport
        match self._reach.chats.of(self._context.item.conversation).streaming:
            case Switch.DEFAULT:
                return configured
            case Switch.ON:
                return "auto" if configured == "off" else configured
            case Switch.OFF:
                return "off"

    def _text(self, now: float) -> str:
        """Give Markdown: the words so far, and in a line under them what is being done."""
        words = so_far(self._progress.text) if self._progress.begun else ""
        doing = dict(self._progress.doing)
        if self._progress.thinks and not doing:
            doing = {THINKING: THINKING}
        self._since = {each: self._since.get(each, now) for each in doing}
        if not doing:
            return words.strip() and words
        longest = min(doing, key=lambda each: self._since[each])
        more = f" and {len(doing) - 1} more" if len(doing) > 1 else ""
        status = f"{literal(doing[longest])}{more} … {_told(now - self._since[longest])}"
        return f"{words}\n\n{status}" if words.strip() else status

    async def _try(self, channel: Channel, text: str, now: float) -> None:
        kind = self._kinds[0]
        parts = self._reach.channels.render(channel.name, text)
        self._next = now + self._interval(kind, now)
        try:
            if kind is PreviewKind.DRAFT:
                chat, draft_id = self._context.message.chat, self._context.item.id
                await channel.show_draft(chat, draft_id, parts[-1])
            elif not await self._edit(channel, parts[0]):
                return
            self._shown, self._shown_at = text, now
        except SlowDown as error:
            log.info("previews stop for this answer", extra={"problem": str(error)})
            self._reach.delivery.pacing.slow_down(self._context.message.chat, error.retry_after)
            self._kinds.clear()
        except SendFailed as error:
            log.debug("a preview was not shown", extra={"problem": str(error)})
            self._fall_back(kind)
        except (ChannelError, StorageUnavailable) as error:
            log.info("a preview is not possible", extra={"kind": kind, "problem": str(error)})
            self._fall_back(kind, for_good=True)

    def _fall_back(self, kind: PreviewKind, *, for_good: bool = False) -> None:
        if for_good or kind is PreviewKind.DRAFT:
            self._kinds.remove(kind)
            self._shown = ""

    def _interval(self, kind: PreviewKind, now: float) -> float:
        if kind is PreviewKind.DRAFT:
            return self._settings.draft_interval_ms / 1000
        return max(self._settings.edit_interval_ms / 1000, (now - self._began) / EDITS_PER_DURATION)

    async def _edit(self, channel: Channel, part: Part) -> bool:
        """Change the message that shows it, or send one; False when it is still on its way."""
        item, message = self._context.item, self._context.message
        key = bubble_key(item.id)
        shown_in = await self._reach.outbox.message_id(key)
        if not self._progress.bubble:
            self._progress.bubble = key
            if not shown_in:  # by a process before this one
                reply_to = "" if message.private else message.id
                draft = Draft(
                    key=key, chat=message.chat, part=part, reply_to=reply_to, inbox_id=item.id
                )
                await self._reach.tell([draft])
                return True
        if not shown_in:
            return False
        now = self._reach.clock.now()
        passing = OutgoingPart(
            id=0,
            key=key,
            chat=message.chat,
            part=part,
            reply_to="",
            state=OutboxState.SENDING,
            attempts=1,
            created_at=now,
            not_before=now,
            inbox_id=item.id,
            edits=shown_in,
        )
        await channel.send(passing)
        return True


def bubble_key(inbox_id: int) -> str:
    """Name the part that shows an answer while it is written, by which a restart finds it."""
    return f"preview:{inbox_id}"


def _told(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole - whole % STEP_SECONDS if whole >= LONG_SECONDS else whole} s"
