"""The environment and .env: variables to refer to, and overrides of single keys.

``MINIBOT_LLM__MODEL`` overrides ``llm.model``. What the environment says beats .env.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO

from dotenv.parser import parse_stream

from minibot.adapters.config.schema import ENTRIES, KeyPath, dotted
from minibot.core.errors import Problem

PREFIX = "MINIBOT_"

Tree = dict[str, object]

# Kubernetes describes a service called "minibot" to every pod by variables of these names.
_SERVICE_LINK = re.compile(r"(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)\w*)?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the environment and .env together say."""

    variables: Mapping[str, str]
    overrides: Tree
    """Shaped like config.toml."""
    origins: Mapping[KeyPath, str]
    """The variable that set a key, by key."""
    problems: tuple[Problem, ...]

    def origin(self, path: KeyPath) -> str | None:
        """Name the variable that set a key or the table around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return None


def gather(environ: Mapping[str, str], dotenv: str) -> Environment:
    """Merge the environment over .env and read the overrides out of both."""
    settings: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    from_file: dict[str, str] = {}
    for binding in _bindings(dotenv, problems):
        from_file[binding[0]] = binding[1]
    for source, suffix in ((from_file, " in .env"), (environ, "")):
        # Upper case last: it wins over other spellings of the same name.
        for name in sorted(source, reverse=True):
            if name.upper().startswith(PREFIX):
                settings[name.upper()] = (source[name], name.upper() + suffix)
    overrides: Tree = {}
    origins: dict[KeyPath, str] = {}
    # Tables before their keys, so that a key wins over the table it is in.
    for name, (text, origin) in sorted(settings.items(), key=lambda item: item[0].count("__")):
        path = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if path not in ENTRIES:
            if not _SERVICE_LINK.match(name.removeprefix(PREFIX)):
                problems.append(_unknown(name, origin))
            continue
        try:
            _put(overrides, path, decode(text, path))
            origins[path] = origin
        except ValueError as error:
            problems.append(Problem(key=dotted(path), message=f"{error} (set by {origin})"))
    return Environment(
        variables={**from_file, **environ},
        overrides=overrides,
        origins=origins,
        problems=tuple(problems),
    )


def decode(text: str, path: KeyPath) -> object:
    """Read a list or a table out of text; text for anything else stays text.

    A list is JSON, TOML or items between commas; a table is JSON or a TOML inline table.
    """
    entry = ENTRIES[path]
    if entry.table or entry.mapping:
        value = _literal(text)
        if not isinstance(value, dict):
            raise ValueError("must be a table as JSON or TOML, in { }")
        return value
    if entry.many:
        if not text.lstrip().startswith("["):
            return [item.strip() for item in text.split(",") if item.strip()]
        value = _literal(text)
        if not isinstance(value, list):
            raise ValueError("must be a list: items between commas, or JSON, or TOML in [ ]")
        return value
    return text


def _literal(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        document = tomllib.loads(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return None
    return document["value"] if len(document) == 1 else None


def _bindings(dotenv: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    for binding in parse_stream(StringIO(dotenv)):
        if binding.error:
            # The parser counts the blank lines before a statement to the statement.
            blank = len(binding.original.string) - len(binding.original.string.lstrip())
            line = binding.original.line + binding.original.string[:blank].count("\n")
            problems.append(Problem(key=".env", message=f"line {line} is not NAME=value"))
        elif binding.key is not None and binding.value is not None:
            yield binding.key, binding.value


def _unknown(name: str, origin: str) -> Problem:
    known = {PREFIX + "__".join(path).upper() for path in ENTRIES}
    nearest = get_close_matches(name, known, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else "a key of [llm] is written MINIBOT_LLM__…"
    shown = origin if len(name) <= 100 and name.isascii() else f"{PREFIX}…"
    return Problem(key=shown, message=f"unknown setting in the environment; {hint}")


def _put(tree: Tree, path: KeyPath, value: object) -> None:
    *tables, name = path
    for table in tables:
        inner = tree.get(table)
        if not isinstance(inner, dict):
            inner = tree[table] = {}
        tree = inner
    tree[name] = value
