"""Puts an in-memory storage together."""

import secrets

from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.in_memory.inbox import InMemoryInbox
from minibot.adapters.storage.in_memory.ledger import InMemoryLedger
from minibot.adapters.storage.in_memory.maintenance import InMemoryMaintenance
from minibot.adapters.storage.in_memory.outbox import InMemoryOutbox
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.storage import Storage
from minibot.core.ports import Clock


def in_memory_storage(clock: Clock, *, rows: Rows | None = None) -> Storage:
    """Give a storage that lives as long as this process.

    Another one with the same `rows` is what a restart finds: it holds none of the claims.
    """
    rows = Rows() if rows is None else rows
    boot_id = secrets.token_hex(8)
    inbox = InMemoryInbox(rows, clock=clock, boot_id=boot_id)
    history = InMemoryHistory(rows)
    outbox = InMemoryOutbox(rows, clock=clock, boot_id=boot_id, history=history)
    return Storage(
        inbox=inbox,
        outbox=outbox,
        history=history,
        ledger=InMemoryLedger(clock=clock, inbox=inbox, outbox=outbox, history=history),
        maintenance=InMemoryMaintenance(rows),
    )
