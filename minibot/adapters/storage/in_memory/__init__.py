"""Inbox, outbox, history and ledger in this process's memory, gone with it."""
