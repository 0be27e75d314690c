"""A log pipeline that is taken down after each test."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from minibot.adapters.observability import LogPipeline, configure_logging
from minibot.core.settings import Settings
from tests.adapters.observability.secrets import AWKWARD_KEY, BOT_TOKEN, MODEL_KEY, SHORT

SECRETS = (BOT_TOKEN, MODEL_KEY, AWKWARD_KEY, SHORT)


class Logs:
    """Starts the pipeline and reads what it wrote."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def start(self, **sections: dict[str, Any]) -> LogPipeline:
        settings = Settings.model_validate(sections)
        return configure_logging(settings, SECRETS, stream=self.stream)

    @property
    def text(self) -> str:
        for handler in logging.getLogger().handlers:
            handler.flush()
        return self.stream.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture
def logs() -> Iterator[Logs]:
    yield Logs()
    for handler in list(logging.getLogger().handlers):
        if isinstance(handler, LogPipeline):
            handler.remove()


LOGFMT: dict[str, Any] = {}
JSON: dict[str, Any] = {"json": True, "logfmt": {"enabled": False}}
PLAIN: dict[str, Any] = {"structured": False}


@pytest.fixture(params=[LOGFMT, JSON, PLAIN], ids=["logfmt", "json", "plain"])
def any_format(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Stand for each format in turn."""
    chosen: dict[str, Any] = request.param
    return chosen
