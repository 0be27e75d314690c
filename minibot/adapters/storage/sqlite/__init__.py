"""Inbox, outbox, history and ledger in one SQLite file."""
