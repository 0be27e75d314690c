"""config.example.toml and .env.example: they run as they are, and tell of every key."""

import re
import tomllib
from pathlib import Path

import pytest

from minibot.adapters.config import load
from minibot.adapters.config.document import Files
from minibot.adapters.config.loader import interpret
from minibot.adapters.config.schema import ENTRIES, dotted
from minibot.core.settings import Settings
from minibot.core.settings_diff import diff
from tests.adapters.config.samples import API_KEY, TOKEN

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "config.example.toml"
VARIABLES = ROOT / ".env.example"
COMMENTED = re.compile(r"^#(?=\[|[A-Za-z_]+ ?=)", re.MULTILINE)

CHOSEN = (
    "runtime.log_level",
    "channels.console.enabled",
    "tools.http_client.enabled",
    "tools.kv_memory.enabled",
    "tools.files.enabled",
)
"""What the example sets otherwise than a config.toml that does not say."""


@pytest.fixture(scope="module")
def everything() -> str:
    """The example with each key that it comments out."""
    return COMMENTED.sub("", EXAMPLE.read_text())


def test_it_runs_as_it_is() -> None:
    loaded = load(EXAMPLE, {})
    assert loaded.warnings == ()
    assert loaded.settings.channels.console.enabled
    assert not loaded.settings.channels.telegram.enabled
    assert loaded.settings.llm.provider == "offline"
    assert loaded.settings.memory.backend == "sqlalchemy"


def test_it_shows_the_defaults_but_for_what_a_new_person_wants(everything: str) -> None:
    shown = diff(Settings(), load(EXAMPLE, {}).settings)
    assert shown == CHOSEN
    loaded = interpret(Files(config=everything.encode(), dotenv=None), EXAMPLE, {})
    assert diff(Settings(), loaded.settings) == (
        *CHOSEN[:2],
        # Not set is the provider's choice, or minibot's own knowledge; that cannot be written.
        "llm.max_new_tokens",
        "llm.temperature",
        "llm.capabilities.vision",
        "llm.capabilities.tools",
        "llm.capabilities.context_tokens",
        "llm.prices.cached_input",
        "llm.fallbacks",
        *CHOSEN[2:],
    )


def test_it_has_every_key_and_no_other(everything: str) -> None:
    fallback = ("llm", "fallbacks")  # takes the keys of [llm], which are all there
    wanted = {
        dotted(path)
        for path, entry in ENTRIES.items()
        if not entry.table and path[:2] != fallback or path == fallback
    }
    assert set(keys(tomllib.loads(everything))) == wanted


def test_every_key_is_explained(everything: str) -> None:
    """A comment stands above each group of keys."""
    for group in re.split(r"\n\n+", everything):
        lines = [line for line in group.split("\n") if line]
        if any(" = " in line and not line.startswith("#") for line in lines):
            assert any(line.startswith("# ") for line in lines), group


def test_filling_in_telegram_and_the_model_is_all_it_takes() -> None:
    text = EXAMPLE.read_text().replace("enabled = false", "enabled = true", 1)
    text = text.replace('provider = "offline"', 'provider = "openai"')
    text = text.replace('model = ""', 'model = "gpt-4o-mini"')
    text = text.replace("allowed_user_ids = []", "allowed_user_ids = [123456789]", 1)
    dotenv = VARIABLES.read_text().replace("TELEGRAM_BOT_TOKEN=", f"TELEGRAM_BOT_TOKEN={TOKEN}")
    dotenv = dotenv.replace("LLM_API_KEY=", f"LLM_API_KEY={API_KEY}")
    files = Files(config=text.encode(), dotenv=dotenv.encode())
    settings = interpret(files, EXAMPLE, {}).settings
    assert settings.channels.telegram.bot_token.get_secret_value() == TOKEN
    assert settings.channels.telegram.owners == (123456789,)
    assert settings.llm.api_key.get_secret_value() == API_KEY


def test_the_variables_load_as_they_are_and_with_every_override() -> None:
    text = EXAMPLE.read_bytes()
    dotenv = VARIABLES.read_bytes()
    assert interpret(Files(config=text, dotenv=dotenv), EXAMPLE, {}) is not None
    overrides = COMMENTED.sub("", dotenv.decode())
    overrides = overrides.replace("TELEGRAM_BOT_TOKEN=", f"TELEGRAM_BOT_TOKEN={TOKEN}")
    overrides = overrides.replace("LLM_API_KEY=", f"LLM_API_KEY={API_KEY}")
    settings = interpret(Files(config=text, dotenv=overrides.encode()), EXAMPLE, {}).settings
    assert settings.channels.telegram.allowed_user_ids == (123456789, 987654321)
    assert settings.llm.model == "gpt-4o-mini"


def test_the_variables_are_those_the_example_refers_to() -> None:
    referred = set(re.findall(r"\$\{([A-Z_]+)[:}]", re.sub("#.*", "", EXAMPLE.read_text())))
    given = set(re.findall(r"^([A-Z_]+)=", VARIABLES.read_text(), re.MULTILINE))
    assert referred == given


def keys(tree: dict[str, object], prefix: str = "") -> list[str]:
    found = []
    for key, value in tree.items():
        entry = ENTRIES.get((*filter(None, prefix.split(".")), key))
        if isinstance(value, dict) and not (entry and entry.mapping):
            found += keys(value, f"{prefix}{key}.")
        else:
            found.append(prefix + key)
    return found
