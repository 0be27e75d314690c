"""Providers are found by name and loaded only when they are used."""

import subprocess
import sys
from typing import get_args

import pytest

from minibot.adapters.llm import PROVIDERS, open_model
from minibot.core.errors import ConfigurationError
from minibot.core.settings import ModelSettings
from tests.adapters.llm.rig import PATHS, model_settings

PROGRAM = """
import sys
from minibot.adapters.llm import open_model
from minibot.core.settings import ModelSettings
open_model(ModelSettings())
print(*sorted({"llm_async", "aiosonic", "tenacity", "orjson"} & set(sys.modules)))
"""


def test_every_provider_of_the_settings_is_known() -> None:
    assert set(PROVIDERS) == set(get_args(ModelSettings.model_fields["provider"].annotation))


@pytest.mark.parametrize("provider", PATHS)
async def test_providers_open_and_close_without_a_network(provider: str) -> None:
    await open_model(model_settings(provider, base_url="")).close()


def test_an_unknown_provider_names_the_known_ones() -> None:
    settings = ModelSettings().model_copy(update={"provider": "oracle"})
    with pytest.raises(ConfigurationError, match="claude, google, offline, openai") as caught:
        open_model(settings)
    assert caught.value.problems[0].key == "llm.provider"


def test_the_offline_responder_loads_no_client() -> None:
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout.strip() == ""
