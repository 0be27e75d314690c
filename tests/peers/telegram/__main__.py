"""Run the server as a process; one JSON line says when it listens."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable

from tests.peers.telegram.faults import Flood
from tests.peers.telegram.server import DEFAULT_TOKEN, FakeTelegram, start

try:
    import uvloop
except ImportError:  # not on every platform
    _fast_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
else:
    _fast_loop = uvloop.new_event_loop


def main(argv: list[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    factory = None if options.no_uvloop else _fast_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(options))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers.telegram", description="Loopback Telegram Bot API server"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--token", action="append", help="a valid bot token (repeatable)")
    parser.add_argument("--username", default="fake_test_bot")
    parser.add_argument("--seed", type=int, default=1, help="seed of probabilistic faults")
    parser.add_argument("--flood", action="store_true", help="1 msg/s per chat, 30/s overall")
    parser.add_argument("--open-chats", action="store_true", help="accept unknown chat ids")
    parser.add_argument("--no-params", action="store_true", help="don't keep request parameters")
    parser.add_argument("--no-uvloop", action="store_true", help="use the standard event loop")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    app = FakeTelegram(
        options.token or [DEFAULT_TOKEN],
        username=options.username,
        seed=options.seed,
        keep_params=not options.no_params,
    )
    if options.flood:
        app.flood = Flood()
    app.strict_chats = not options.open_chats
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    running = await start(app, host=options.host, port=options.port)
    ready = {"ready": True, "port": running.port, "tokens": list(app.bots)}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await running.stop()


if __name__ == "__main__":
    sys.exit(main())
