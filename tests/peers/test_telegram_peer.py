"""The Telegram peer as its users start it: in the process of a test, or as its own."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

import aiohttp

from tests.peers.telegram import FakeTelegram, start

ROOT = Path(__file__).resolve().parents[2]


async def test_runs_in_process() -> None:
    running = await start(FakeTelegram(["42:TEST"]))
    running.app.inject({"chat_id": 7, "text": "hello"})
    form = {"chat_id": "7", "text": "hi"}
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{running.url}/bot42:TEST/sendMessage", data=form) as response:
            assert (await response.json())["ok"]
        async with http.post(f"{running.url}/bot43:TEST/getMe") as response:
            assert response.status == 401
    assert [e["text"] for e in running.app.events] == ["hello", "hi"]
    await running.stop()


async def test_runs_as_a_process() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "tests.peers.telegram", "--port", str(port), "--token", "42:TEST"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    assert ready == {"ready": True, "port": port, "tokens": ["42:TEST"]}
    url = f"http://127.0.0.1:{port}/bot42:TEST/getMe"
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        assert (await response.json())["result"]["id"] == 42
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 5) == 0
