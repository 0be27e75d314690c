"""What somebody meets who has just installed minibot: the command line, as a process."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import minibot
from minibot import __version__
from minibot.adapters.config import load
from tests.e2e.launch import command_line
from tests.e2e.process import Canaries
from tests.e2e.serving import OWNER, reads, serving, until
from tests.peers.telegram import FakeTelegram, Running, start

API_VARIABLE = "MINIBOT_CHANNELS__TELEGRAM__API_BASE_URL"
OFFLINE = '[runtime]\ndata_dir = "data"\n[channels.console]\nenabled = true\n'
ENDS_WITHIN = 20.0


@dataclass
class Shell:
    """A folder to run commands in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    async def run(
        self, *arguments: str, typed: str | bytes = "", prepare: Callable[[], object] | None = None
    ) -> tuple[int, str, str]:
        """Run minibot to its end; give its exit code, output and errors."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "minibot", *arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=self._environment(),
            preexec_fn=prepare,
        )  # fmt: skip
        given = typed.encode() if isinstance(typed, str) else typed
        out, err = await asyncio.wait_for(process.communicate(given), ENDS_WITHIN)
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MINIBOT")}
        here = str(Path(__file__).parents[2])
        return {**kept, "PYTHONPATH": here, **self.environment}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
async def telegram() -> AsyncIterator[Running]:
    running = await start(FakeTelegram([Canaries().bot_token]))
    yield running
    await running.stop()


def token_of(telegram: Running) -> str:
    return telegram.app.default_bot.token


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_wait_for_no_library(option: str) -> None:
    script = f"""
import sys
from minibot.cli import main
try:
    main(["{option}"])
except SystemExit:
    pass
known = sys.stdlib_module_names | {{"minibot", "__main__"}}
print("libraries:", sorted({{name.partition(".")[0] for name in sys.modules}} - known))
"""
    told = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-S", "-c", script],
        cwd=Path(minibot.__file__).parents[1],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert told.stdout.splitlines()[-1] == "libraries: []"


async def test_the_version_is_told(shell: Shell) -> None:
    assert await shell.run("--version") == (0, f"minibot {__version__}\n", "")


async def test_a_missing_file_is_a_hint_at_init(shell: Shell) -> None:
    code, out, err = await shell.run("run")

    assert (code, out) == (2, "")
    assert "config.toml" in err
    assert "minibot init" in err
    assert list(shell.folder.iterdir()) == []


async def test_check_and_run_tell_every_problem(shell: Shell) -> None:
    shell.config.write_text(
        '[channels.telegram]\nallowed_user_ids = ["@ada"]\nmode = 5\n[llm]\nmodle = "x"\n'
    )

    checked = await shell.run("check")
    ran = await shell.run("run")

    assert checked[0] == ran[0] == 2
    assert checked[2] == ran[2]
    assert all(key in ran[2] for key in ("allowed_user_ids", "mode", "llm.modle"))
    assert not (shell.folder / "data").exists()


async def test_init_leads_to_a_bot_that_answers(shell: Shell, telegram: Running) -> None:
    good, refused = token_of(telegram), Canaries().bot_token
    shell.environment[API_VARIABLE] = telegram.url
    answers = ["y", "what token?", refused, good, "@ada", f"{OWNER}, 8", "offline"]

    code, out, err = await shell.run("init", typed="\n".join(answers) + "\n")

    assert (code, err) == (0, "")
    assert "That is no token" in out
    assert "refuses the bot token" in out
    assert "This is @fake_test_bot" in out
    assert good not in out
    assert refused not in out
    files = [shell.config, shell.folder / ".env"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]
    assert good not in shell.config.read_text()
    settings = load(shell.config).settings.channels.telegram
    assert settings.allowed_user_ids == (OWNER, 8)
    assert settings.bot_token.get_secret_value() == good

    assert (await shell.run("check"))[0] == 0
    before = [path.read_bytes() for path in files]
    assert (await shell.run("init", typed="n\n\n"))[0] == 2
    assert [path.read_bytes() for path in files] == before


async def test_init_writes_nothing_when_the_answers_end(shell: Shell, telegram: Running) -> None:
    shell.environment[API_VARIABLE] = telegram.url

    code, _, err = await shell.run("init", typed=f"y\n{token_of(telegram)}\n{OWNER}")

    assert code == 1
    assert "Nothing was written" in err
    assert list(shell.folder.iterdir()) == []


async def test_every_line_of_a_pipe_is_answered_and_then_it_ends(shell: Shell) -> None:
    shell.config.write_text(OFFLINE)
    lines = [f"question {number}" for number in range(40)]

    code, out, err = await shell.run("run", typed="\n".join(lines))

    assert code == 0, err
    places = [out.index(f"\n{line}\n") for line in lines]
    assert places == sorted(places)
    assert "you ›" not in out
    assert "level=" not in out
    assert "Traceback" not in err


async def test_chat_talks_on_the_terminal_whatever_is_switched_on(shell: Shell) -> None:
    telegram = f'[channels.telegram]\nenabled = true\nbot_token = "{Canaries().bot_token}"\n'
    shell.config.write_text('[runtime]\ndata_dir = "data"\n' + telegram)

    code, out, err = await shell.run("chat", typed="hello\n/whoami\n/new\n")

    assert code == 0, err
    assert "your message arrived" in out
    assert "You are local" in out
    assert "A fresh start" in out
    assert "channel=telegram" not in err


async def test_no_input_at_all_ends_it(shell: Shell) -> None:
    shell.config.write_text(OFFLINE)

    code, out, err = await shell.run("run")

    assert (code, out) == (0, ""), err


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
async def test_closed_standard_streams_harm_nobody(shell: Shell, closed: tuple[int, ...]) -> None:
    shell.config.write_text(OFFLINE)

    def close() -> None:
        for descriptor in closed:
            os.close(descriptor)

    code, out, err = await shell.run("run", typed="hello\n", prepare=close)

    assert code == 0, err
    assert "Traceback" not in err
    if closed == (2,):
        assert "your message arrived" in out


async def test_a_reader_that_goes_away_harms_nobody(shell: Shell) -> None:
    shell.config.write_text(OFFLINE)
    reading, writing = os.pipe()
    os.close(reading)

    def into_the_void() -> None:
        os.dup2(writing, 1)

    code, _, err = await shell.run("run", typed="hello\nworld\n", prepare=into_the_void)
    os.close(writing)

    assert code == 0, err
    assert "Traceback" not in err
    assert "standard output is closed" in err


async def test_whatever_is_written_is_for_the_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        async with serving(tmp_path) as installation:
            minibot = await installation.start(command_line)
            await minibot.listening()
            installation.say(OWNER)
            await reads(installation, OWNER, "ack1end")
            await until(lambda: (installation.data / "minibot.db-wal").exists())
            found = {
                str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode)
                for path in (installation.data, *installation.data.rglob("*"))
            }
            assert await minibot.stop() == 0
    finally:
        os.umask(before)

    folders = {"data", "data/run", "data/logs"}
    files = {"data/minibot.db", "data/minibot.db-wal", "data/run/minibot.lock"}
    assert {*folders, *files, "data/logs/minibot.log"} <= set(found)
    assert {name: mode for name, mode in found.items() if name in folders} == dict.fromkeys(
        folders, 0o700
    )
    assert {mode for name, mode in found.items() if name not in folders} == {0o600}
