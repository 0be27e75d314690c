"""Puts an in-memory storage together."""

import secrets

from minibot.adapters.storage.in_memory.approvals import InMemoryApprovals
from minibot.adapters.storage.in_memory.dead_letters import InMemoryDeadLetters
from minibot.adapters.storage.in_memory.history import InMemoryHistory
from minibot.adapters.storage.in_memory.inbox import InMemoryInbox
from minibot.adapters.storage.in_memory.journal import InMemoryJournal
from minibot.adapters.storage.in_memory.ledger import InMemoryLedger
from minibot.adapters.storage.in_memory.maintenance import InMemoryMaintenance
from minibot.adapters.storage.in_memory.missed import InMemoryMissed
from minibot.adapters.storage.in_memory.notes import InMemoryNotes
from minibot.adapters.storage.in_memory.outbox import InMemoryOutbox
from minibot.adapters.storage.in_memory.outcomes import InMemoryOutcomes
from minibot.adapters.storage.in_memory.personal_data import InMemoryPersonalData
from minibot.adapters.storage.in_memory.preferences import InMemoryPreferences
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.storage.in_memory.undo_log import InMemoryUndoLog
from minibot.adapters.storage.storage import Storage
from minibot.core.ports import Clock


def in_memory_storage(clock: Clock, *, rows: Rows | None = None) -> Storage:
    """Give a storage that lives as long as this process.

    Another one with the same `rows` is what a restart finds: it holds none of the claims.
    """
    rows = Rows() if rows is None else rows
    boot_id = secrets.token_hex(8)
    inbox = InMemoryInbox(rows, clock=clock, boot_id=boot_id)
    history = InMemoryHistory(clock, rows)
    outbox = InMemoryOutbox(rows, clock=clock, boot_id=boot_id, history=history)
    return Storage(
        inbox=inbox,
        dead_letters=InMemoryDeadLetters(rows),
        outbox=outbox,
        outcomes=InMemoryOutcomes(rows),
        history=history,
        ledger=InMemoryLedger(rows, clock=clock, boot_id=boot_id, outbox=outbox, history=history),
        missed=InMemoryMissed(rows, clock),
        notes=InMemoryNotes(rows),
        journal=InMemoryJournal(rows, clock),
        undo_log=InMemoryUndoLog(rows),
        approvals=InMemoryApprovals(rows, clock),
        preferences=InMemoryPreferences(rows),
        personal_data=InMemoryPersonalData(rows, history),
        maintenance=InMemoryMaintenance(rows),
    )
