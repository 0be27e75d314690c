"""Asks Telegram whether a token is any good."""

import logging

from minibot.adapters.channels.telegram.client import TelegramClient
from minibot.adapters.channels.telegram.methods import GetMe
from minibot.core.errors import ChannelError, ConfigurationError, Problem, TokenRefused
from minibot.core.settings import TelegramChannel

log = logging.getLogger(__name__)

CHECK_SECONDS = 10.0


async def check_token(settings: TelegramChannel) -> str:
    """Give the bot's name; empty when Telegram cannot be asked at the moment.

    Raises:
        ConfigurationError: Telegram refuses the token.
    """
    client = TelegramClient(settings.bot_token.get_secret_value(), settings.api_base_url)
    try:
        me = await client.call(GetMe(), timeout=CHECK_SECONDS)
    except TokenRefused as error:
        problem = Problem(key="channels.telegram.bot_token", message=str(error))
        raise ConfigurationError("config.toml", [problem]) from None
    except ChannelError as error:
        log.warning("the bot token could not be checked", extra={"problem": str(error)})
        return ""
    finally:
        await client.close()
    return str(me.get("username", "")) if isinstance(me, dict) else ""
