"""The process that reads one file: an order on standard input, what was found on standard output.

Run as ``python -m minibot.adapters.media.worker``; see `minibot.adapters.media.reading`.
"""

import json
import os
import resource
import sys
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any

from minibot.adapters.media.formats import Order, read
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract

MOST_MEMORY = 1024**3
"""Of address space."""
NICENESS = 5


def main() -> None:
    fields: dict[str, Any] = json.load(sys.stdin.buffer)
    confine(float(fields["seconds"]))
    order = Order(
        path=Path(fields["path"]),
        name=fields["name"],
        mime_type=fields["mime_type"],
        max_pages=fields["max_pages"],
        max_characters=fields["max_characters"],
    )
    sys.stdout.buffer.write(answer_to(order))


def confine(seconds: float) -> None:
    """Have the system end this process when it takes more than it may, and write nothing."""
    cpu = int(seconds) + 1
    for limit, value in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(limit, (lowest, lowest))
    os.nice(NICENESS)


def answer_to(order: Order) -> bytes:
    """Read a file; what it cannot be read for goes into the answer."""
    extract, problem = Extract(), ""
    try:
        extract = read(order)
    except MediaUnreadable as error:
        problem = str(error)
    except (MemoryError, RecursionError):
        problem = "it is too large to be read"
    answer = {
        "text": extract.text.encode("utf-8", "replace").decode(),
        "scope": extract.scope,
        "picture": b64encode(extract.picture).decode(),
        "mime_type": extract.mime_type,
        "problem": problem,
    }
    return json.dumps(answer).encode()


if __name__ == "__main__":
    main()
