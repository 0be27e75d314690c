"""A loopback Telegram Bot API server."""

from tests.peers.telegram.server import FakeTelegram, Running, start

__all__ = ["FakeTelegram", "Running", "start"]
