"""What was sent while minibot was away and is not answered by itself."""

from collections.abc import Sequence
from typing import Protocol

from minibot.core.catch_up import Kept, MissedItem
from minibot.core.events import MessageAccepted
from minibot.core.messages import Arrival


class Missed(Protocol):
    """Missed messages, kept as expired rows of the inbox until their chat decides."""

    async def keep(self, arrivals: Sequence[Arrival]) -> int:
        """Store arrivals as expired in one transaction; gives how many were new.

        Each has a message, and says in `problem` why it is kept, in the words of `Kept`. A
        delivery stored before is skipped. They survive a power cut once `Inbox.secure`
        returned. Raises `StorageUnavailable` with nothing stored.
        """

    async def unoffered(self) -> list[MissedItem]:
        """Give those about which their chat was not asked yet, oldest first."""

    async def offered(self, conversation: str, first: int, last: int) -> list[MissedItem]:
        """Give those of a conversation about which it was asked and did not decide.

        Args:
            first, last: ids of the rows the question was about; what is between them is meant.
        """

    async def mark(self, ids: Sequence[int], kept: Kept) -> int:
        """Note what became of these; gives how many could become that, see `BEFORE`."""

    async def put_back(self, ids: Sequence[int]) -> list[MessageAccepted]:
        """Put those of these that were offered, and have contents, back in line to be answered."""
