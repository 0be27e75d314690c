"""The first config.toml and .env, as `minibot init` writes them."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from textwrap import dedent

from minibot.core.errors import ConfigurationError, Problem

Link = Callable[[Path, Path], None]
"""Gives a file a second name, which must be new."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person said to `minibot init`. The secrets go to .env: see `compose_env`."""

    telegram: bool = False
    allowed_user_ids: tuple[int, ...] = ()
    console: bool = False
    provider: str = "offline"
    model: str = ""
    base_url: str = ""
    """A server of one's own; it may do without an API key."""
    system_prompt: str = "You are Minibot, a helpful assistant."
    data_dir: str = "./data"


TOOLS = dedent(
    """\
    # What the model may do: read web pages, keep notes about you, keep files for you. It asks
    # with buttons where strangers' words could have led it to something.
    [tools.http_client]
    enabled = true
    [tools.kv_memory]
    enabled = true
    [tools.files]
    enabled = true
    """
)


def compose(answers: Answers) -> str:
    """Write the config.toml that says what was answered."""
    return "\n".join((_head(answers), _channels(answers), _model(answers), TOOLS))


def compose_env(*, bot_token: str = "", api_key: str = "") -> str:
    """Write the .env that holds the secrets; an empty one is left to be filled in."""
    return dedent(
        """\
        # The secrets of config.toml. Nobody but minibot's user should be able to read this file.

        # From @BotFather on Telegram.
        TELEGRAM_BOT_TOKEN={bot_token}

        # From the provider of the model.
        LLM_API_KEY={api_key}
        """
    ).format(bot_token=_shell_quoted(bot_token), api_key=_shell_quoted(api_key))


def write_private(path: Path, text: str, *, link: Link = os.link) -> None:
    """Write a new file that only its owner can read: whole or not at all, and never over another.

    Raises `ConfigurationError` when the file exists or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"its folder cannot be created: {error.strerror or 'input/output error'}"
        raise ConfigurationError(str(path), [Problem(key="", message=message)]) from None
    try:
        _write_new(path, text.encode(), link)
    except FileExistsError:
        message = "exists already and was left as it is; move it away to write a new one"
    except OSError as error:
        message = f"cannot be written: {error.strerror or 'input/output error'}"
    else:
        return
    raise ConfigurationError(str(path), [Problem(key="", message=message)])


def _head(answers: Answers) -> str:
    return dedent(
        """\
        # minibot's configuration. A change takes effect as soon as the file is saved.
        # config.example.toml in the project explains every key there is.
        # ${{NAME}} stands for a variable of .env or of the environment; $$ for a dollar sign.

        [runtime]
        # Everything minibot writes lies in this folder.
        data_dir = {data_dir}
        """
    ).format(data_dir=_text(answers.data_dir))


def _channels(answers: Answers) -> str:
    return dedent(
        """\
        [channels.telegram]
        enabled = {telegram}
        bot_token = "${{TELEGRAM_BOT_TOKEN}}"
        # Who may talk to the bot. Nobody, while the list is empty.
        allowed_user_ids = {allowed}
        # Groups in which it answers those people. A group's id is a negative number.
        allowed_chat_ids = []

        [channels.console]
        # Talk to it in the terminal it was started in.
        enabled = {console}
        """
    ).format(
        telegram=_flag(answers.telegram),
        allowed=_list(answers.allowed_user_ids),
        console=_flag(answers.console),
    )


def _model(answers: Answers) -> str:
    if answers.provider == "offline" or answers.base_url:
        api_key = "${LLM_API_KEY:-}"
    else:
        api_key = "${LLM_API_KEY}"
    return dedent(
        """\
        [llm]
        # openai, openai_responses, claude, google, openrouter; offline answers without a model.
        provider = {provider}
        model = {model}
        # Only for a server of your own, or another that speaks the provider's language.
        base_url = {base_url}
        api_key = "{api_key}"

        [llm.context]
        system_prompt = {system_prompt}
        """
    ).format(
        provider=_text(answers.provider),
        model=_text(answers.model),
        base_url=_text(answers.base_url),
        api_key=api_key,
        system_prompt=_text(answers.system_prompt),
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _list(values: Iterable[int]) -> str:
    return "[" + ", ".join(map(str, values)) + "]"


def _text(value: str) -> str:
    """Quote text for TOML, so that a dollar sign in it stays one."""
    return '"' + "".join(map(_character, value.replace("$", "$$"))) + '"'


def _character(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def _shell_quoted(value: str) -> str:
    if any(char in value for char in "\r\n\0"):
        raise ValueError("a secret must be a single line")
    if re.fullmatch(r"[A-Za-z0-9_:./+=@-]*", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _write_new(path: Path, data: bytes, link: Link) -> None:
    draft = path.with_name(f".{path.name}.{token_hex(4)}")
    try:
        _write(draft, data)
        try:
            link(draft, path)  # unlike a rename it refuses to replace a file
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            _write(path, data)
    finally:
        draft.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(descriptor)
