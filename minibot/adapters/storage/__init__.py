"""Storages: what was received, what is to be sent, and what was said."""

from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.in_memory.notes import InMemoryNotes
from minibot.adapters.storage.in_memory.opening import in_memory_storage
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.sqlite.opening import open_storage
from minibot.adapters.storage.storage import Maintenance, Storage

__all__ = [
    "InMemoryHistory",
    "InMemoryNotes",
    "Maintenance",
    "Rows",
    "Storage",
    "in_memory_storage",
    "open_storage",
]
