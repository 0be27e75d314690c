"""Keeps what a chat looked like after everything that happened in it."""

from collections.abc import Callable
from datetime import datetime

from tests.peers.telegram import FakeTelegram
from tests.peers.telegram.transcript import Transcript
from tests.peers.telegram.wire import Json


class Camera(Transcript):
    """A transcript whose events also have the ``message`` as it was then, and the time ``at``.

    Args:
        now: the clock of the process that is filmed.
    """

    def __init__(self, telegram: FakeTelegram, now: Callable[[], datetime]) -> None:
        super().__init__(keep_params=True)
        self._bot = telegram.default_bot
        self._now = now
        telegram.transcript = self

    def record(self, event: Json) -> None:
        # An edit puts a new message in the place of the old one, which therefore can be kept.
        message = self._bot.messages.get((event["chat_id"], event.get("message_id") or 0))
        event |= {"at": self._now(), "message": message}
        super().record(event)
