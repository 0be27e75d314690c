"""``${NAME}``, ``${NAME:-default}`` and ``$$`` in the text values of config.toml.

Only whole names, in one pass: what comes out of a variable is never looked at again.
"""

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\$|\$\{(?P<body>[^}]*)\}|\$\{")
_BODY = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]{0,63})(?::-(?P<default>.*))?", re.DOTALL)


class BadReference(ValueError):
    """A reference to a variable cannot be followed. The message holds no value."""


class MissingVariable(BadReference):
    """A variable is not set."""


def has_reference(text: str) -> bool:
    return any(match.group() != "$$" for match in _REFERENCE.finditer(text))


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Put variables in the place of their references."""
    return _REFERENCE.sub(lambda match: _resolve(match, variables), text)


def _resolve(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if match.group() == "$$":
        return "$"
    if match["body"] is None:
        raise BadReference('"${" is never closed by "}" (a plain dollar sign is written $$)')
    body = _BODY.fullmatch(match["body"])
    if body is None:
        # Whatever stands there may be the secret itself, so it is not repeated.
        raise BadReference(
            "what stands in ${…} is not the name of a variable, as in ${LLM_API_KEY}"
        )
    name, default = body["name"], body["default"]
    if default is not None:
        return variables.get(name) or default
    if name not in variables:
        raise MissingVariable(
            f"variable {name} is not set; put it into .env beside the file, or into the environment"
        )
    return variables[name]
