"""Runs the server as a process until SIGINT or SIGTERM."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.peers.llm.script import Rule, Settings
from tests.peers.llm.server import FakeLLM, start


def main(argv: list[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    if not options.no_uvloop:
        try:
            import uvloop
        except ImportError:
            pass
        else:
            uvloop.install()
    asyncio.run(_serve(options))
    return 0


async def _serve(options: argparse.Namespace) -> None:
    settings = Settings(
        ttft=options.ttft,
        tokens_per_s=options.tokens_per_s,
        reply_tokens=options.reply_tokens,
        api_key=options.api_key,
        context_window=options.context_window,
        echo_scope=options.echo_scope,
    )
    app = FakeLLM(settings, seed=options.seed)
    if options.rules:
        specs = json.loads(await asyncio.to_thread(options.rules.read_text, encoding="utf-8"))
        app.rules.extend(Rule.from_json(spec) for spec in specs)
    running = await start(app, options.host, options.port)
    sys.stdout.write(json.dumps({"ready": True, "port": running.port}) + "\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    await stop.wait()
    await running.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Loopback model server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--ttft", type=float, default=0.0, help="seconds to the first token")
    parser.add_argument("--tokens-per-s", type=float, default=0.0, help="0: no pacing")
    parser.add_argument("--reply-tokens", type=int, default=0, help="filler tokens per reply")
    parser.add_argument("--api-key", default="", help="demand this key")
    parser.add_argument("--context-window", type=int, default=0)
    parser.add_argument("--echo-scope", choices=("last", "trailing"), default="last")
    parser.add_argument("--rules", type=Path, help="JSON file with a list of rules")
    parser.add_argument("--seed", type=int, default=1, help="seed of probabilistic faults")
    parser.add_argument("--no-uvloop", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
