"""The tables of notes, and the index for searching in them.

Every row of the index belongs to one owner, by a number that is never given to another: a search
reads what is filed under that number and comes past nobody else's. `note_index` files notes by
terms, see `note_terms`. It keeps no text itself, so that removing a note names its terms again.
`note_words` holds the words that can be mistyped and `note_pieces` what they are found by;
`note_titles` is the same for whole titles.
"""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

from minibot.adapters.storage.sqlite.note_terms import PREFIX_LENGTHS
from minibot.adapters.storage.sqlite.schema import (
    create_tables,
    metadata,
    number_column,
    text_column,
)
from minibot.adapters.storage.sqlite.statement import Transaction

notes = Table(
    "notes",
    metadata,
    # A note that is saved again gets a new id: they are in the order of saving.
    Column("id", Integer, primary_key=True),
    text_column("owner"),
    text_column("title"),
    text_column("folded_title"),
    text_column("data"),
    text_column("source"),
    number_column("created_at"),
    number_column("updated_at"),
    UniqueConstraint("owner", "folded_title"),
    sqlite_autoincrement=True,
)
Index("notes_newest", notes.c.owner, notes.c.id)

note_owners = Table(
    "note_owners",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", Text, nullable=False, unique=True),
    number_column("notes"),
    sqlite_autoincrement=True,
)

note_words = Table(
    "note_words",
    metadata,
    Column("owner_id", Integer, primary_key=True),
    Column("word", Text, primary_key=True),
    # How many notes have the word.
    number_column("notes"),
    sqlite_with_rowid=False,
)

note_pieces = Table(
    "note_pieces",
    metadata,
    Column("owner_id", Integer, primary_key=True),
    Column("piece", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    sqlite_with_rowid=False,
)

note_titles = Table(
    "note_titles",
    metadata,
    Column("owner_id", Integer, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("note_id", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

NOTE_TABLES = (notes, note_owners, note_words, note_pieces, note_titles)

# For statements only; the table is created below. The column named like the table takes
# queries and commands.
note_index = Table(
    "note_index",
    MetaData(),
    Column("rowid", Integer),
    Column("terms", Text),
    Column("note_index", Text),
    Column("rank", Integer),
)

_CREATE_INDEX = (
    "CREATE VIRTUAL TABLE note_index USING fts5("
    "terms, content='', columnsize=0, detail=none, tokenize='ascii', "
    f"prefix='{' '.join(map(str, PREFIX_LENGTHS))}')"
)


def create_note_tables(tx: Transaction) -> None:
    create_tables(tx, NOTE_TABLES)
    tx.run(_CREATE_INDEX)
