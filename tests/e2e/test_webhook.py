"""Telegram calls us: the same promises as with polling, and a door that stays shut."""

import tomllib
from pathlib import Path

import aiohttp

from tests.e2e.process import Installation
from tests.e2e.serving import GUEST, OWNER, rows, sent, serving, until

HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def post(installation: Installation, update: object, secret: str) -> int:
    """Call the webhook as Telegram would."""
    url = tomllib.loads(installation.config.read_text())["channels"]["telegram"]["webhook_url"]
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, json=update, headers={HEADER: secret}) as response,
    ):
        return response.status


def update(number: int, person: int, text: str) -> dict[str, object]:
    user = {"id": person, "is_bot": False, "first_name": "Ada"}
    chat = {"id": person, "type": "private"}
    message = {"message_id": number, "from": user, "chat": chat, "date": 1_800_000_000}
    return {"update_id": number, "message": {**message, "text": text}}


async def test_a_webhook_answers_over_a_restart_and_admits_nobody_without_the_secret(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, mode="webhook") as installation:
        telegram, secret = installation.telegram, installation.canaries.webhook_secret
        telegram.webhook_backoff.base = 0.05
        telegram.chat(OWNER)
        minibot = await installation.start()
        await minibot.listening()
        tokens = [installation.say(OWNER) for _ in range(5)]
        installation.say(4000, "I am nobody")
        assert await installation.answered(5)

        forged = update(1, OWNER, "rid666end")
        for wrong in ("", "wrong", secret[:-1], secret + "x", secret.swapcase()):
            assert await post(installation, forged, wrong) == 401
        again = update(2, OWNER, "rid700end")
        assert [await post(installation, again, secret) for _ in range(3)] == [200] * 3
        assert await post(installation, update(3, 4000, "rid701end"), secret) == 200
        assert await installation.answered(6)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []

        tokens += ["rid700end", *(installation.say(OWNER) for _ in range(3))]
        await until(lambda: telegram.stats()["webhook_failures"])
        minibot = await installation.start()
        await minibot.listening()
        assert await installation.answered(9)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []

        assert installation.answers(OWNER) == tokens
        assert {event["chat_id"] for event in sent(installation)} == {OWNER}
        assert rows(installation, "SELECT count(*) FROM inbox") == [(len(tokens),)]
        assert telegram.counts["getUpdates"] == 0


async def test_polling_takes_over_from_a_webhook(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        telegram = installation.telegram
        bot = telegram.default_bot
        await telegram.call(
            bot, "setWebhook", params={"url": "http://127.0.0.1:9/x"}, uploads={}, t=0.0
        )
        token = installation.say(GUEST)
        minibot = await installation.start()
        await minibot.listening()

        assert await installation.answered(1)

        assert installation.answers(GUEST) == [token]
        assert bot.webhook is None
        assert "a webhook is set; removing it" in minibot.log
        assert await minibot.stop() == 0
