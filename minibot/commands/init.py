"""``minibot init``: some questions, then a configuration that works."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from minibot.adapters.config import Answers, compose, compose_env, load, write_private
from minibot.commands.report import ExitCode, complain, explain, say
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.settings import TelegramChannel

T = TypeVar("T")

API_VARIABLE = "MINIBOT_CHANNELS__TELEGRAM__API_BASE_URL"
PROVIDERS = ("offline", "openai", "openai_responses", "claude", "google", "openrouter")
EXAMPLES = {
    "openai": "gpt-4o-mini",
    "openai_responses": "gpt-4o-mini",
    "claude": "claude-haiku-4-5",
    "google": "gemini-2.5-flash",
    "openrouter": "openai/gpt-4o-mini",
}


def init(path: Path) -> ExitCode:
    """Ask, write config.toml and .env, and check them. Nothing is written on a way out."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _refuse_to_replace(path)
        say("This writes a configuration for minibot. Enter takes what stands in [brackets].\n")
        telegram, token = _ask_telegram()
        provider, model, base_url, key = _ask_model()
        answers = Answers(
            telegram=bool(token),
            allowed_user_ids=telegram,
            console=not token,
            provider=provider,
            model=model,
            base_url=base_url,
        )
        write_private(path, compose(answers))
        write_private(_dotenv(path), compose_env(bot_token=token, api_key=key))
        load(path)
    except ConfigurationError as error:
        return explain(error)
    except (EOFError, KeyboardInterrupt):
        complain("\nNothing was written.")
        return ExitCode.ERROR
    say(f"\nWritten: {path}, and the secrets to {_dotenv(path)}. Start with:\n")
    say(f"    minibot run --config {path}")
    return ExitCode.OK


def _refuse_to_replace(path: Path) -> None:
    for existing in (path, _dotenv(path)):
        if existing.exists():
            message = "exists already and is left as it is; move it away to begin anew"
            raise ConfigurationError(str(existing), [Problem(key="", message=message)])


def _dotenv(path: Path) -> Path:
    return path.with_name(".env")


def _ask_telegram() -> tuple[tuple[int, ...], str]:
    """Give who may talk to the bot, and its token; an empty one for no Telegram."""
    if not _ask("Talk on Telegram? [y]/n", _yes_or_no):
        return (), ""
    token = _ask("Bot token (@BotFather gives you one)", _working_token)
    say("Who may talk to it? Telegram user ids, with commas between. Everybody else is ignored.")
    return _ask("User ids (@userinfobot tells you yours)", _user_ids), token


def _ask_model() -> tuple[str, str, str, str]:
    """Give provider, model, base URL and key."""
    say(f"\nWhich language model? {', '.join(PROVIDERS)}")
    say("offline answers without any model, to try things out.")
    provider = _ask("Provider [offline]", _provider)
    if provider == "offline":
        return provider, "", "", ""
    base_url = _ask("Base URL, only for a server of your own (Ollama, vLLM …) [none]", _base_url)
    model = _ask(f"Model, e.g. {EXAMPLES[provider]}", _required)
    key = _ask("API key [none]" if base_url else "API key", str if base_url else _required)
    return provider, model, base_url, key


def _ask(question: str, understand: Callable[[str], T]) -> T:
    while True:
        answer = input(f"{question}: ").strip()
        try:
            return understand(answer)
        except ValueError as error:
            say(f"  {error}")


def _yes_or_no(answer: str) -> bool:
    if answer.lower() in ("", "y", "yes"):
        return True
    if answer.lower() in ("n", "no"):
        return False
    raise ValueError("Please answer y or n.")


def _working_token(answer: str) -> str:
    try:
        settings = TelegramChannel(
            enabled=True,
            bot_token=SecretStr(answer),
            api_base_url=os.environ.get(API_VARIABLE, "https://api.telegram.org"),
        )
    except ValueError:
        raise ValueError("That is no token. It looks like 123456789:AAE…") from None
    # aiogram takes 0.6 s to load: not before there is something to ask it.
    from minibot.adapters.channels.telegram.token import check_token

    try:
        name = asyncio.run(check_token(settings))
    except ConfigurationError as error:
        raise ValueError(error.problems[0].message) from None
    say(f"  This is @{name}." if name else "  Telegram cannot be reached; the token is unchecked.")
    return answer


def _user_ids(answer: str) -> tuple[int, ...]:
    ids = [part.strip() for part in answer.split(",") if part.strip()]
    if not ids or not all(part.isascii() and part.isdigit() for part in ids):
        raise ValueError("Numbers, please, such as 123456789. Names can change hands.")
    return tuple(int(part) for part in ids)


def _provider(answer: str) -> str:
    provider = answer.lower() or "offline"
    if provider not in PROVIDERS:
        raise ValueError(f"One of: {', '.join(PROVIDERS)}")
    return provider


def _base_url(answer: str) -> str:
    if answer and not answer.startswith(("http://", "https://")):
        raise ValueError("It begins with http:// or https://")
    return answer


def _required(answer: str) -> str:
    if not answer:
        raise ValueError("This cannot be left out.")
    return answer
