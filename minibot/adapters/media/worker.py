"""The process that reads one file: an order on standard input, what was found on standard output.

Run as ``python -m minibot.adapters.media.worker``; see `minibot.adapters.media.reading`.
"""

import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

from minibot.adapters.media.confinement import confine
from minibot.adapters.media.formats import Order, read
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract

MOST_MEMORY = 1024**3
"""Of address space, in bytes."""


def main() -> None:
    fields: dict[str, Any] = json.load(sys.stdin.buffer)
    confine(memory=MOST_MEMORY, cpu_seconds=float(fields["seconds"]))
    order = Order(
        path=Path(fields["path"]),
        name=fields["name"],
        mime_type=fields["mime_type"],
        max_pages=fields["max_pages"],
        max_characters=fields["max_characters"],
    )
    sys.stdout.buffer.write(answer_to(order))


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
