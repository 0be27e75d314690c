"""Which work this process has seen in the inbox."""

from minibot.core.messages import Work

CAPACITY = 10_000
"""The oldest is forgotten then; what came of it is found by a sweep."""


class Runs:
    """Remembers the inbox ids of work, so that what is heard of an id can be told to its entry."""

    def __init__(self) -> None:
        self._work: dict[int, Work] = {}

    def note(self, inbox_id: int, work: Work) -> None:
        self._work[inbox_id] = work
        if len(self._work) > CAPACITY:
            del self._work[next(iter(self._work))]

    def find(self, inbox_id: int | None) -> Work | None:
        return None if inbox_id is None else self._work.get(inbox_id)

    def forget(self, inbox_id: int) -> None:
        self._work.pop(inbox_id, None)
