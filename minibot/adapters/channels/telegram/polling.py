"""Long polling that confirms nothing before it is stored.

Telegram forgets an update as soon as a getUpdates with a higher offset arrives (Bot API,
"getUpdates"), so the offset rises only after the batch is durable. It is never stored itself:
what is delivered again after a start is recognised by its ``update_id``.
"""

import logging
from collections.abc import Callable
from typing import Any

from minibot.adapters.channels.telegram.client import PollConflict, TelegramClient
from minibot.adapters.channels.telegram.methods import DeleteWebhook, GetUpdates
from minibot.core.errors import ChannelError, SendFailed, SlowDown, TokenRefused
from minibot.core.ports import Clock

log = logging.getLogger(__name__)

POLL_SECONDS = 25
"""How long Telegram may hold a poll open; it allows 50."""

STALL_SECONDS = 12
"""Grace beyond that. A poll still silent then is dead (half-open connections never say so),
and so may be the connections beside it: all are dropped."""

BATCH = 100
SHORT_CALL_SECONDS = 15.0
MAX_PAUSE_SECONDS = 60.0
WEBHOOK_PAUSE_SECONDS = 1.0
"""Wait behind the removal of a webhook: should it come back at once, there is no hot loop."""


class Poller:
    """Fetches updates, batch after batch."""

    def __init__(
        self,
        client: TelegramClient,
        *,
        clock: Clock,
        random: Callable[[], float],
        on_conflict: Callable[[], None],
        wanted: Callable[[], list[str]],
    ) -> None:
        """`wanted` names the types of updates to be asked for."""
        self._client = client
        self._clock = clock
        self._random = random
        self._on_conflict = on_conflict
        self._wanted = wanted
        self._offset: int | None = None
        self._failures = 0

    async def fetch(self) -> list[Any]:
        """Wait for the next updates; survives everything but a refused token."""
        while True:
            try:
                updates = await self._client.call(
                    GetUpdates(
                        offset=self._offset,
                        timeout=POLL_SECONDS,
                        limit=BATCH,
                        allowed_updates=self._wanted(),
                    ),
                    timeout=POLL_SECONDS + STALL_SECONDS,
                )
            except TokenRefused:
                raise
            except ChannelError as error:
                await self._recover(error)
                continue
            if updates and not _numbers(updates) or not isinstance(updates, list):
                await self._try_later(SendFailed("an answer without a single update_id"))
                continue
            self._failures = 0
            if updates:
                return updates

    def confirm(self, updates: list[Any]) -> None:
        """Let the next fetch tell Telegram to forget these, which `fetch` gave."""
        self._offset = max(_numbers(updates)) + 1

    async def _recover(self, error: ChannelError) -> None:
        match error:
            case SlowDown(retry_after=seconds):
                log.warning("Telegram asks to poll later", extra={"seconds": seconds})
                await self._clock.sleep(seconds)
            case PollConflict() if "webhook" in str(error).lower():
                log.warning("a webhook is set; removing it, because the mode is long_polling")
                await self._remove_webhook()
            case PollConflict():
                await self._yield_to_other()
            case _:
                await self._try_later(error)

    async def _remove_webhook(self) -> None:
        try:
            await self._client.call(DeleteWebhook(), timeout=SHORT_CALL_SECONDS)
            await self._clock.sleep(WEBHOOK_PAUSE_SECONDS)
        except TokenRefused:
            raise
        except ChannelError as error:
            await self._try_later(error)

    async def _yield_to_other(self) -> None:
        """Two pollers end each other's polls; backing off long keeps either of them useful."""
        pause = 30.0 + 30.0 * self._random()
        log.error(
            "another process polls with this bot token; waiting",
            extra={"pause_seconds": round(pause, 1)},
        )
        self._on_conflict()
        await self._clock.sleep(pause)

    async def _try_later(self, error: ChannelError) -> None:
        pause = min(0.5 * 2.0 ** min(self._failures, 10), MAX_PAUSE_SECONDS)
        pause *= 1 - 0.25 * self._random()
        self._failures += 1
        log.warning(
            "polling failed; trying again",
            extra={"problem": str(error), "pause_seconds": round(pause, 1)},
        )
        await self._client.reset()
        await self._clock.sleep(pause)


def _numbers(updates: Any) -> list[int]:
    return [
        update["update_id"]
        for update in (updates if isinstance(updates, list) else ())
        if isinstance(update, dict) and type(update.get("update_id")) is int
    ]
