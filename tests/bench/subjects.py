"""What is measured: minibot, and the bare loop it is held against."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers import Peers

CONFIG = """\
[runtime]
data_dir = "{folder}/data"
[channels.telegram]
enabled = true
bot_token = "{token}"
api_base_url = "{telegram}"
allowed_user_ids = ["*"]
[llm]
provider = "openai"
base_url = "{model}/v1"
api_key = "unused"
model = "fake-model"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A running bot."""

    name: str
    pid: int
    seconds_to_first_poll: float

    def cpu_seconds(self) -> float:
        """User and system time so far of all threads that are alive, to the nanosecond."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9

    def resident_mib(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


@asynccontextmanager
async def running(
    name: str, peers: Peers, folder: Path, *, checkout: Path | None = None
) -> AsyncIterator[Subject]:
    """Run a subject; minibot as it is in another checkout, if one is named."""
    await peers.post(peers.telegram, "reset", {})
    started = time.monotonic()
    with (folder / f"{name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *_command(name, peers, folder),
            env={
                **os.environ,
                "TELEGRAM_BASE": peers.telegram,
                "MODEL_BASE": f"{peers.model}/v1",
                "BOT_TOKEN": peers.token,
                **({"PYTHONPATH": str(checkout)} if checkout else {}),
            },
            cwd=checkout,
            stdout=log,
            stderr=log,
        )
        try:
            first = await _first_poll(peers, process)
            yield Subject(name=name, pid=process.pid, seconds_to_first_poll=first - started)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def _command(name: str, peers: Peers, folder: Path) -> list[str]:
    if name == "bare loop":
        return [sys.executable, "-m", "tests.bench.bare_loop"]
    config = folder / "config.toml"
    config.write_text(
        CONFIG.format(folder=folder, token=peers.token, telegram=peers.telegram, model=peers.model)
    )
    config.chmod(0o600)
    return [sys.executable, "-m", "minibot", "run", "--config", str(config)]


async def _first_poll(peers: Peers, process: asyncio.subprocess.Process) -> float:
    """Give the moment of the first getUpdates, on the clock that all processes share."""
    async with asyncio.timeout(60):
        while process.returncode is None:
            moment = (await peers.stats())["first_get_updates_t"]
            if moment:
                return float(moment)
            await asyncio.sleep(0.02)
    raise SystemExit(f"the process ended with code {process.returncode} before it polled")
