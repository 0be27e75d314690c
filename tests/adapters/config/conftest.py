"""A config.toml in a folder of its own."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from minibot.adapters.config import Loaded, load
from minibot.core.errors import ConfigurationError
from tests.adapters.config.samples import CANARIES


class Folder:
    """Loads a text, or a text and an environment, as config.toml."""

    def __init__(self, path: Path) -> None:
        self.path = path / "config.toml"

    def load(
        self, text: str | bytes, environ: Mapping[str, str] | None = None, *, dotenv: str = ""
    ) -> Loaded:
        data = text.encode() if isinstance(text, str) else text
        self.path.write_bytes(data)
        self.path.chmod(0o600)
        beside = self.path.with_name(".env")
        beside.unlink(missing_ok=True)
        if dotenv:
            beside.write_text(dotenv)
            beside.chmod(0o600)
        return load(self.path, environ or {})

    def refused(
        self, text: str | bytes, environ: Mapping[str, str] | None = None, *, dotenv: str = ""
    ) -> list[str]:
        """Give what is wrong, a line each, without the path before it."""
        with pytest.raises(ConfigurationError) as caught:
            self.load(text, environ, dotenv=dotenv)
        error = caught.value
        assert error.source == str(self.path)
        assert error.__cause__ is None
        assert error.__context__ is None
        lines = [line.removeprefix(f"{self.path}").lstrip(": ") for line in error.lines()]
        assert not any(canary in line for canary in CANARIES for line in lines)
        return lines


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
