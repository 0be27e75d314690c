"""What models write, and what a chat shows of it.

The formatting shown is in the tags of `tests.adapters.channels.telegram.readable`.
"""

from typing import NamedTuple


class Sample(NamedTuple):
    """An answer and its messages."""

    name: str
    markdown: str
    shown: str
