"""config.toml and the .env beside it, as bytes and as a tree."""

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from minibot.adapters.config.environment import Tree
from minibot.adapters.config.lines import Lines, locate
from minibot.core.errors import ConfigurationError, Problem

_LARGEST = 1_000_000

_PLAIN_WORDS = {
    "Cannot declare": "this table is there a second time",
    "Cannot overwrite": "this key is there a second time",
    "Cannot mutate": "this table or list was already complete",
    "Cannot redefine": "this table or list was already complete",
    "Duplicate inline": "a key is there a second time",
    "Expected '=' after": "after the name of a key an equals sign must follow",
    "Expected newline": "something follows the value; each key needs a line of its own",
    "Illegal character": "a quote is missing, or a character is there that TOML does not allow",
    "Found invalid": "a character is there that TOML does not allow",
    "Invalid hex": "what follows \\x, \\u or \\U in text is not a character",
    "Escaped character": "what follows \\x, \\u or \\U in text is not a character",
    "Invalid date": "this is not a date or time; text needs quotes",
    "Unterminated string": "the closing quote is missing",
    "Unclosed array": "the closing ] or a comma is missing",
    "Unclosed inline": "the closing } or a comma is missing",
    "Expected ']": "the closing ] of the table's name is missing",
    'Expected "\'"': "the closing quote is missing",
    "Invalid value": "the value is missing or not valid; text needs quotes",
    "Invalid statement": "a line must be a [table], a key = value or a # comment",
    "Invalid initial": "a name is missing or has a character that needs quotes",
    "Unescaped '\\'": "a backslash in text in double quotes is written twice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What the two files hold at one moment."""

    config: bytes
    dotenv: bytes | None
    exposed: tuple[str, ...] = ()
    """Names of the files that every user of the machine can read."""

    @property
    def digest(self) -> str:
        """Tell one content from another, without telling what it is."""
        dotenv = b"-" if self.dotenv is None else b"+" + self.dotenv
        return sha256(sha256(self.config).digest() + dotenv).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """config.toml, parsed."""

    tree: Tree
    lines: Lines


def read(path: Path) -> Files:
    """Read config.toml and, if there is one, the .env beside it."""
    beside = path.parent / ".env"
    config = _contents(path, path)
    # A link that leads nowhere is a mistake; no .env at all is none.
    has_dotenv = os.path.lexists(beside)
    dotenv = _contents(beside, path, key=".env") if has_dotenv else None
    return Files(
        config=config.data,
        dotenv=dotenv.data if dotenv else None,
        exposed=tuple(content.name for content in (config, dotenv) if content and content.exposed),
    )


def text(data: bytes, path: Path, key: str = "") -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    message = "is not UTF-8 text; save it as UTF-8"
    if key:
        raise _refusal(path, f"line {line} {message}", key=key)
    raise _refusal(path, message, line=line)


def parse(config: bytes, path: Path) -> Document:
    """Parse config.toml; raise `ConfigurationError` with the line of a syntax error."""
    content = text(config, path)
    if not content.strip():
        raise _refusal(path, "is empty; `minibot init` writes a new one once it is moved away")
    try:
        return Document(tree=tomllib.loads(content), lines=locate(content))
    except tomllib.TOMLDecodeError as error:
        complaint = str(error)  # raised below: the error itself may show what it could not read
    except (ValueError, RecursionError):
        complaint = ""
    raise _syntax_error(path, complaint, last_line=content.rstrip().count("\n") + 1)


def _syntax_error(path: Path, complaint: str, *, last_line: int) -> ConfigurationError:
    words = next(
        (words for start, words in _PLAIN_WORDS.items() if complaint.startswith(start)),
        "something here is not valid TOML",
    )
    place = re.search(r"\(at line (\d+), column (\d+)\)$", complaint)
    if place:
        message = f"not valid TOML at column {place[2]}: {words}"
        return _refusal(path, message, line=int(place[1]))
    if complaint:
        return _refusal(path, f"not valid TOML at the end of the file: {words}", line=last_line)
    return _refusal(path, "not valid TOML: a number is too long or lists are nested too deeply")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    name: str
    data: bytes
    exposed: bool


def _contents(file: Path, path: Path, key: str = "") -> _Content:
    try:
        with open(file, "rb", opener=_open_without_waiting) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(_LARGEST + 1) if stat.S_ISREG(mode) else None
    except FileNotFoundError:
        message = "does not exist; `minibot init` writes one"
    except IsADirectoryError:
        message = "is a directory, not a file"
    except PermissionError:
        message = "cannot be read: minibot's user is not allowed to; check its owner and mode"
    except OSError as error:
        message = f"cannot be read: {error.strerror or 'input/output error'}"
    except ValueError:  # a NUL character in the path
        message = "is not the name of a file"
    else:
        if data is not None and len(data) <= _LARGEST:
            return _Content(name=file.name, data=data, exposed=bool(mode & stat.S_IROTH))
        message = "is not a plain file" if data is None else "is far too large for a configuration"
    raise _refusal(path, message, key=key)


def _open_without_waiting(name: str, flags: int) -> int:
    """Open; a pipe would keep everything waiting for somebody to write into it."""
    return os.open(name, flags | os.O_NONBLOCK)


def _refusal(
    path: Path, message: str, *, key: str = "", line: int | None = None
) -> ConfigurationError:
    return ConfigurationError(str(path), [Problem(key=key, message=message, line=line)])
