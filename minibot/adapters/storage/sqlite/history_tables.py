"""How the history of version 1 becomes that of today, and the tables for searching in it.

The search index is one full-text table and a lexicon. The full-text table keeps no texts; its
row of an entry is called `number << 40 | id`, by the number of the conversation in
`history_places` and the id of the entry, so that looking through one conversation passes by
all others. The lexicon knows every word there is in it by its pieces; see `typos`.
"""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, column, insert, table
from sqlalchemy.schema import CreateIndex

from minibot.adapters.storage.sqlite.schema import (
    HISTORY_INDEX,
    create_tables,
    metadata,
    number_column,
    summaries,
    text_column,
)
from minibot.adapters.storage.sqlite.statement import Statement, Transaction

put_away_summaries = Table(
    "put_away_summaries",
    metadata,
    Column("conversation", Text, primary_key=True),
    text_column("text"),
    number_column("through"),
    Column("untrusted", Boolean, nullable=False),
    number_column("updated_at"),
    number_column("put_away_at"),
    sqlite_with_rowid=False,
)

history_places = Table(
    "history_places",
    metadata,
    Column("number", Integer, primary_key=True),
    text_column("conversation"),
)
Index("history_places_conversation", history_places.c.conversation)

history_words = Table(
    "history_words",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("word", Text, nullable=False, unique=True),
)

history_pieces = Table(
    "history_pieces",
    metadata,
    Column("piece", Text, primary_key=True),
    Column("word", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

history_index = Table(
    "history_index",
    metadata,
    # Entries up to this one are in the index.
    number_column("through"),
    # What words were made by; see `history_search.RULES`.
    text_column("rules"),
)

SEARCH_TABLES = (history_places, history_words, history_pieces, history_index)

history_search = table(
    "history_search",
    column("rowid", Integer),
    column("words", Text),
    column("rank"),
    # The column of this name takes queries and commands; see https://sqlite.org/fts5.html.
    column("history_search", Text),
)

PREFIX_LENGTHS = (1, 2, 3)
"""Beginnings of words that have an index of their own; so many words begin like these."""

_BEGIN = Statement(insert(history_index).values(through=0, rules=""))


def extend_history(tx: Transaction) -> None:
    """Add to the history what version 1 did not have."""
    tx.run("ALTER TABLE history ADD COLUMN author TEXT DEFAULT '' NOT NULL")
    tx.run("ALTER TABLE history ADD COLUMN untrusted BOOLEAN DEFAULT '0' NOT NULL")
    tx.run("ALTER TABLE history ADD COLUMN put_away_at INTEGER")
    tx.run("DROP INDEX history_conversation")
    tx.execute(Statement(CreateIndex(HISTORY_INDEX)))
    create_tables(tx, (summaries,))


def create_history_search(tx: Transaction) -> None:
    """Create what summaries and searching need. The index fills when somebody searches."""
    create_tables(tx, (put_away_summaries, *SEARCH_TABLES))
    tx.execute(_BEGIN)
    # Words come in already folded, so all the tokenizer has to do is to cut at spaces.
    prefixes = " ".join(map(str, PREFIX_LENGTHS))
    tx.run(
        "CREATE VIRTUAL TABLE history_search USING fts5("
        f"words, content='', tokenize='ascii', prefix='{prefixes}')"
    )
    # A chat that moves takes all its entries along.
    tx.run(
        "CREATE TRIGGER history_moved AFTER UPDATE OF conversation ON history BEGIN "
        "UPDATE history_places SET conversation = new.conversation "
        "WHERE conversation = old.conversation; "
        "UPDATE OR REPLACE put_away_summaries SET conversation = new.conversation "
        "WHERE conversation = old.conversation; END"
    )
