"""A database as version 1 made it, with a row of every kind. This is data: it never changes."""

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE conversations (
    "key" TEXT NOT NULL,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY ("key")
) WITHOUT ROWID;
CREATE INDEX conversations_chat ON conversations (channel, chat_id);
CREATE TABLE moved_chats (
    old_key TEXT NOT NULL,
    new_key TEXT NOT NULL,
    new_chat_id TEXT NOT NULL,
    moved_at INTEGER NOT NULL,
    PRIMARY KEY (old_key)
) WITHOUT ROWID;
CREATE INDEX moved_chats_new ON moved_chats (new_key);
CREATE TABLE outbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "key" TEXT NOT NULL,
    channel TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    inbox_id INTEGER,
    part TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    state TEXT NOT NULL,
    problem TEXT NOT NULL,
    message_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    finished_at INTEGER,
    boot_id TEXT,
    stripped BOOLEAN NOT NULL,
    UNIQUE ("key")
);
CREATE INDEX outbox_dead ON outbox (finished_at) WHERE state = 'dead';
CREATE INDEX outbox_over ON outbox (stripped, finished_at) WHERE state = 'sent';
CREATE INDEX outbox_unfinished ON outbox (channel, chat_id, id) WHERE finished_at IS NULL;
CREATE TABLE history (
    id INTEGER NOT NULL,
    conversation TEXT NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    tool_calls TEXT NOT NULL,
    tool_call_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(conversation) REFERENCES conversations ("key")
);
CREATE INDEX history_conversation ON history (conversation, id);
CREATE TABLE inbox (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    account TEXT NOT NULL,
    "key" TEXT NOT NULL,
    conversation TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    state TEXT NOT NULL,
    urgent BOOLEAN NOT NULL,
    message TEXT,
    raw TEXT NOT NULL,
    problem TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    finished_at INTEGER,
    boot_id TEXT,
    stripped BOOLEAN NOT NULL,
    UNIQUE (channel, account, "key"),
    FOREIGN KEY(conversation) REFERENCES conversations ("key")
);
CREATE INDEX inbox_conversation ON inbox (conversation);
CREATE INDEX inbox_dead ON inbox (finished_at) WHERE state = 'dead';
CREATE INDEX inbox_over ON inbox (stripped, finished_at)
    WHERE state IN ('done', 'ignored', 'cancelled', 'expired');
CREATE INDEX inbox_unfinished ON inbox (conversation, urgent, boot_id, id)
    WHERE finished_at IS NULL;
PRAGMA user_version=1;
"""

MOMENT = 1_767_225_600_000_000

MESSAGE = (
    '{"id":"5","sender":{"id":"7","name":"Ann","language":"en"},"text":"hi","sent_at":0,'
    '"private":true,"addressed":true,"attachments":[],"reply_to":"","quoted_text":""}'
)
PART = '{"text":"bold","spans":[["bold",0,4,"",""]]}'
CALLS = '[["c1","look","{}"]]'

ROWS: dict[str, list[tuple[object, ...]]] = {
    "conversations": [
        ("telegram:42", "telegram", "42", "", MOMENT, MOMENT),
        ("telegram:-100:17", "telegram", "-100", "17", MOMENT, MOMENT),
    ],
    "moved_chats": [("telegram:-1", "telegram:-100", "-100", MOMENT)],
    "inbox": [
        (
            *(id_, "telegram", "1000", str(id_), "telegram:42", "42", "", state, urgent),
            *(message, "{}", problem, attempts, 0, MOMENT, *until, boot, stripped),
        )
        for id_, state, urgent, message, problem, attempts, until, boot, stripped in (
            (1, "done", 0, None, "", 1, (0, MOMENT), None, 1),
            (2, "dead", 0, MESSAGE, "why", 5, (0, MOMENT), None, 0),
            (3, "processing", 0, MESSAGE, "", 1, (0, None), "a dead process", 0),
            (4, "retry", 0, MESSAGE, "later", 2, (MOMENT + 60_000_000, None), None, 0),
            (5, "received", 1, MESSAGE, "", 0, (0, None), None, 0),
        )
    ],
    "outbox": [
        (
            *(id_, key, "telegram", "42", "", 1, part, "5", state, "", message_id),
            *(1, MOMENT, MOMENT, finished, None, stripped),
        )
        for id_, key, part, state, message_id, finished, stripped in (
            (1, "m1:0", "", "sent", "77", MOMENT, 1),
            (2, "m1:1", PART, "pending", "", None, 0),
            (3, "m1:2", PART, "dead", "", MOMENT, 0),
        )
    ],
    "history": [
        (1, "telegram:42", "user", "what is there?", "", "", MOMENT),
        (2, "telegram:42", "assistant", "", CALLS, "", MOMENT),
        (3, "telegram:42", "tool", "a tree", "", "c1", MOMENT),
        (4, "telegram:42", "assistant", "A tree.", "", "", MOMENT),
        (5, "telegram:-100:17", "user", "in the topic", "", "", MOMENT),
    ],
}


def write_version_1(path: Path) -> None:
    """Make a database of version 1 at `path`."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        for table, rows in ROWS.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(
                f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608 - names of this module
                rows,
            )
        connection.commit()
