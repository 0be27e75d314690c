"""Paths as models write them, and the few of them that are taken."""

import re
from unicodedata import category, normalize
from urllib.parse import unquote

from minibot.core.errors import ToolFailed

MAX_DEPTH = 16
MAX_NAME_BYTES = 255
"""What file systems take."""

SHOWN = 80
"""Characters of a path in a message."""

_DRIVE = re.compile(r"[A-Za-z]:")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Unseen as well, but words of several languages and many emoji are not written without."""


def parse_path(path: str) -> tuple[str, ...]:
    """Read the path of a file or folder below somebody's own; empty for that folder itself.

    Everything is refused that any file system, archive or person might take for another place:
    there is no reason for it, and the one who asks may have been told to by a stranger.

    Raises:
        ToolFailed: with words for the model.
    """
    path = normalize("NFC", path)
    if path.startswith(("/", "~")) or _DRIVE.match(path):
        raise _refusal(path, 'write it relative to the person\'s folder, like "notes/today.txt"')
    names = [name for name in path.removesuffix("/").split("/") if name != "."] if path else []
    if len(names) > MAX_DEPTH:
        raise _refusal(path, f"folders may be nested {MAX_DEPTH} deep at the most")
    for name in names:
        problem = problem_with(name)
        if problem:
            raise _refusal(path, problem)
    return tuple(names)


def parse_file_path(path: str) -> tuple[str, ...]:
    """Read the path of a file. Raises `ToolFailed`."""
    names = parse_path(path)
    if not names or path.endswith("/"):
        raise _refusal(path, "it names a folder; a file is needed")
    return names


def problem_with(name: str) -> str:
    """Say what is wrong with the name of a file or folder; empty when nothing is."""
    if not name:
        return "a name between two slashes is empty"
    if any(category(each) in _UNSEEN and each not in _JOINERS for each in name):
        return "it holds characters that cannot be seen"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"a name is longer than {MAX_NAME_BYTES} bytes"
    if name != name.strip() or (name.endswith(".") and name.strip(".")):
        return "a name begins or ends with a space, or ends with a dot"
    if any(_leads_elsewhere(each) for each in (name, unquote(name), unquote(unquote(name)))):
        return "it leads out of the folder or has a backslash in it"
    return ""


def alike(name: str) -> str:
    """Give what is equal for names that some file system or person takes for the same."""
    return normalize("NFKC", name).casefold()


def shown(path: str) -> str:
    """Give a path for a message."""
    line = "".join(each if each.isprintable() else "�" for each in path)
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _leads_elsewhere(name: str) -> bool:
    """Look at the name as it is and as those see it who take similar characters for equal."""
    plain = normalize("NFKC", name)
    return any(each in plain for each in "/\\\0") or not plain.strip(". ")


def _refusal(path: str, problem: str) -> ToolFailed:
    return ToolFailed(f'the path "{shown(path)}" cannot be used: {problem}')
