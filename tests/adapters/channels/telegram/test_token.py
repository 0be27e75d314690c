"""A token is checked before anything depends on it."""

import pytest
from pydantic import SecretStr

from minibot.adapters.channels.telegram.token import check_token
from minibot.core.errors import ConfigurationError
from minibot.core.settings import TelegramChannel
from tests.adapters.channels.telegram.scripted_api import TOKEN, Said, ScriptedApi, ok, refusal


@pytest.fixture
def settings(api: ScriptedApi) -> TelegramChannel:
    return TelegramChannel(enabled=True, bot_token=SecretStr(TOKEN), api_base_url=api.url)


async def test_a_good_token_gives_the_name_of_the_bot(settings: TelegramChannel) -> None:
    assert await check_token(settings) == "fake_test_bot"


@pytest.mark.parametrize(
    "said", [refusal(401, "Unauthorized"), refusal(404, "Not Found")], ids=["401", "404"]
)
async def test_a_refused_token_is_a_problem_of_the_configuration(
    api: ScriptedApi, settings: TelegramChannel, said: Said
) -> None:
    api.will_say("getMe", said)

    with pytest.raises(ConfigurationError) as caught:
        await check_token(settings)

    [problem] = caught.value.problems
    assert problem.key == "channels.telegram.bot_token"
    assert "refuses" in problem.message
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        refusal(502, "Bad Gateway"),
        refusal(429, "Too Many Requests", retry_after=60),
        Said(drop=True),
        Said(body=b"<html>"),
        ok(True),
        ok({}),
    ],
)
async def test_a_telegram_that_says_nothing_of_use_refuses_nothing(
    api: ScriptedApi, settings: TelegramChannel, said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    api.will_say("getMe", said)

    assert await check_token(settings) == ""
    assert TOKEN not in caplog.text
