"""Everything goes wrong, everything is logged, and no secret is in any of it."""

from pathlib import Path

from tests.e2e.process import Canaries, Installation, Minibot, Sections
from tests.e2e.serving import OWNER, edit, leaks, reads, serving, until
from tests.peers.llm import Fault
from tests.peers.telegram.faults import Fault as TelegramFault

LAYOUTS: list[tuple[Sections, str]] = [
    ({}, "level=DEBUG"),
    ({"logging": {"json": True}, "logging.logfmt": {"enabled": False}}, '"level":"INFO"'),
    ({"logging": {"structured": False}}, " INFO "),
]
"""Keys, and what shows that they are in force."""
EVERYTHING: Sections = {
    "runtime": {"log_level": "TRACE"},
    "memory.sqlalchemy": {"echo": True},
}


async def test_no_secret_is_written_whatever_happens(tmp_path: Path) -> None:
    async with serving(tmp_path, sections=EVERYTHING) as installation:
        installation.telegram.faults += [
            TelegramFault(kind="drop", method="getMe", times=1),
            TelegramFault(kind="drop", method="getUpdates", times=1),
        ]
        minibot = await installation.start()
        await minibot.listening()
        for layout, sign in LAYOUTS:
            edit(installation, layout)
            await until(lambda sign=sign: sign in minibot.log)  # type: ignore[misc]
            await _suffer(installation)
        await _refuse_edits(installation, minibot)
        assert await minibot.stop() == 0


async def _suffer(installation: Installation) -> None:
    """Let everything fail that a message passes on its way, and then nothing."""
    before = len(installation.model.records)
    _break_telegram(installation)
    faults = _break_model(installation)
    for _ in range(4):
        installation.say(OWNER)
    await until(lambda: all(fault.hits for fault in faults))
    assert len(installation.model.records) > before
    token = installation.say(OWNER)
    await reads(installation, OWNER, token.replace("rid", "ack"))


def _break_telegram(installation: Installation) -> None:
    token = installation.canaries.bot_token
    installation.telegram.faults += [
        TelegramFault(kind="malformed", method="sendChatAction", times=1),
        TelegramFault(
            method="sendMessage", times=1, code=500, description=f"no route to /bot{token}/x"
        ),
    ]


def _break_model(installation: Installation) -> list[Fault]:
    key = installation.canaries.api_key
    blaming = f"Incorrect API key provided: {key}. Authorization: Bearer {key}"
    faults = [
        Fault(kind="status", status=401, message=blaming, times=1),
        Fault(kind="status", status=500, message=blaming, times=1),
        Fault(kind="status", status=400, message=blaming, times=1),
        Fault(kind="raw", body=f"<html>{blaming}</html>", content_type="text/html", times=1),
        Fault(kind="drop", times=1),
        Fault(kind="raw", body=f'{{"error": "{key}"}}', times=1),
    ]
    installation.model.faults[:] = faults
    return faults


async def _refuse_edits(installation: Installation, minibot: Minibot) -> None:
    """Bad edits whose problem is at the very place of a secret."""
    good = installation.config.read_text()
    canaries = installation.canaries
    for bad in (
        good.replace(f'"{canaries.bot_token}"', f'"{canaries.bot_token}'),
        good.replace(f'"{canaries.bot_token}"', f'"{canaries.bot_secret}"'),
        good.replace(f'"{canaries.api_key}"', f'["{canaries.api_key}"]'),
        good.replace("bot_token", "bot_tokken"),
        good.replace(f'"{canaries.bot_token}"', f"{canaries.bot_token}"),
    ):
        assert bad != good
        before = minibot.log.count("config.toml cannot be used")
        installation.config.write_text(bad)
        await until(lambda: minibot.log.count("config.toml cannot be used") > before)  # noqa: B023
    installation.config.write_text(good)
    edit(installation, {"channels.telegram": {"bot_token": Canaries().bot_token}})
    await reads(installation, OWNER, "Telegram refuses the bot token")


async def test_a_secret_in_any_file_would_be_found(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        minibot = await installation.start()
        await minibot.listening()
        installation.telegram.inject({"chat_id": OWNER, "text": installation.canaries.api_key})
        await reads(installation, OWNER, "")
        await installation.end()

        found = leaks(installation)
        assert any(name.startswith("minibot.db") for name in found)
        for path in installation.data.glob("minibot.db*"):
            path.unlink()


async def test_what_people_say_is_logged_for_debugging_only(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        edit(installation, {"runtime": {"log_level": "INFO"}})
        minibot = await installation.start()
        await minibot.listening()
        installation.model.faults.append(Fault(kind="status", status=400, match="xyzzy", times=1))
        for _ in range(2):
            installation.say(OWNER, "the word is xyzzy")
        await reads(installation, OWNER, "ack2end")
        assert await minibot.stop() == 0

        assert "turn finished" in minibot.log
        assert "xyzzy" not in minibot.log
        assert "ack2end" not in minibot.log
