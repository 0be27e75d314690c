"""config.toml, .env and the environment, read into one `Settings`."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from minibot.adapters.config.document import Document, Files, parse, read, text
from minibot.adapters.config.environment import Environment, Tree, gather
from minibot.adapters.config.expansion import (
    Expansion,
    SwitchedOff,
    find,
    key_of,
    without_unknown,
)
from minibot.adapters.config.interpolation import has_reference
from minibot.adapters.config.lines import Lines, Location
from minibot.adapters.config.problems import Complaint, complaints
from minibot.adapters.config.schema import ENTRIES, dotted
from minibot.core.errors import ConfigurationError, Problem
from minibot.core.settings import Settings

_WITHOUT_EFFECT = {
    ("tasks", "storage", "sqlite", "pool_size"): "has no effect: one connection is all it takes"
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A configuration that can be used."""

    settings: Settings
    warnings: tuple[Problem, ...]
    """What is allowed but worth a look."""
    digest: str
    """Differs whenever the content of config.toml or .env does."""


def load(path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Load config.toml; raise `ConfigurationError` with everything that is wrong.

    The environment beats .env beside the file, and .env beats the file. `environ` stands in
    for the environment of the process.
    """
    return interpret(read(path), path, environ)


def interpret(files: Files, path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Turn what was read into settings. See `load`."""
    environ = os.environ if environ is None else environ
    environment = gather(environ, text(files.dotenv or b"", path, key=".env"))
    document = parse(files.config, path)
    place = _Place(lines=document.lines, environment=environment)
    settings, found = _validate(document.tree, environment)
    problems = [*environment.problems, *map(place.problem, found)]
    if problems or settings is None:
        problems.sort(key=lambda problem: problem.line or 0)
        raise ConfigurationError(str(path), problems)
    warnings = (
        *map(place.problem, _without_effect(document.tree, environment.overrides)),
        *_exposed(files, path, document),
    )
    return Loaded(settings=settings, warnings=warnings, digest=files.digest)


class _Layers(BaseSettings):
    """`Settings` out of two layers: the overrides of the environment, then the file."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    settings: Settings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        layers = init_settings()
        return tuple(
            InitSettingsSource(settings_cls, {"settings": layers[name]})
            for name in ("overrides", "document")
        )


def _validate(document: Tree, environment: Environment) -> tuple[Settings | None, list[Complaint]]:
    found: list[Complaint] = []
    known = without_unknown(document, found)
    overrides = without_unknown(environment.overrides, found)
    expansion = Expansion(
        variables=environment.variables,
        is_off=SwitchedOff(document=known, overrides=overrides, variables=environment.variables),
    )
    layers: dict[str, Any] = {"overrides": overrides, "document": expansion.expand(known)}
    found += expansion.complaints
    try:
        return _Layers(**layers).settings, found
    except ValidationError as error:
        # A key that is missing only because its variable is was already complained of.
        told = {complaint.key for complaint in found}
        found += [
            complaint for complaint in complaints(error, below=1) if complaint.key not in told
        ]
    return None, found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Knows where a key was set: the line, or the variable."""

    lines: Lines
    environment: Environment

    def problem(self, complaint: Complaint) -> Problem:
        key = dotted(complaint.key)
        if origin := self.environment.origin(complaint.key):
            return Problem(key=key, message=f"{complaint.message} (set by {origin})")
        return Problem(key=key, message=complaint.message, line=self.lines.of(complaint.location))


def _without_effect(document: Tree, overrides: Tree) -> Iterator[Complaint]:
    for key, message in _WITHOUT_EFFECT.items():
        if any(find(tree, key) is not None for tree in (document, overrides)):
            yield Complaint(key=key, message=message, location=key)


def _exposed(files: Files, path: Path, document: Document) -> Iterator[Problem]:
    if path.name in files.exposed:
        for location in _inline_secrets(document.tree):
            yield Problem(
                key=dotted(key_of(location)),
                line=document.lines.of(location),
                message="is a secret in a file that every user of this machine can read; "
                f"move it to .env and write ${{…}} here, or run: chmod 600 {path}",
            )
    if ".env" in files.exposed:
        yield Problem(
            key=".env",
            message="can be read by every user of this machine; "
            f"run: chmod 600 {path.parent / '.env'}",
        )


def _inline_secrets(tree: Tree, location: Location = ()) -> Iterator[Location]:
    for name, value in tree.items():
        place = (*location, name)
        entry = ENTRIES.get(key_of(place))
        if isinstance(value, dict):
            yield from _inline_secrets(value, place)
        elif isinstance(value, list) and entry and entry.tables:
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _inline_secrets(item, (*place, index))
        elif entry and entry.secret and _is_inline(value):
            yield place


def _is_inline(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not has_reference(value)
