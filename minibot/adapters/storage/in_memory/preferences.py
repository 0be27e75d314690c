"""Preferences in memory."""

from minibot.adapters.storage.codec import storable
from minibot.adapters.storage.in_memory.rows import Rows


class InMemoryPreferences:
    """Preferences of a process that may forget them."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, conversation: str, name: str) -> str:
        if self._rows.moved:
            conversation = self._rows.current_key(conversation)
        return self._rows.preferences.get((conversation, name), "")

    async def set(self, conversation: str, name: str, value: str) -> None:
        place = (self._rows.current_key(conversation), name)
        if value:
            self._rows.preferences[place] = storable(value)
        else:
            self._rows.preferences.pop(place, None)
