"""What every store of notes takes, and when two titles are the same."""

import unicodedata
from dataclasses import replace

from minibot.adapters.storage.codec import storable
from minibot.core.errors import NotesFull
from minibot.core.notes import MAX_DATA, MAX_TITLE, Note


def prepared(note: Note) -> Note:
    """Mend the texts of a note.

    Raises:
        ValueError: it has no title, or is too long.
    """
    note = replace(
        note,
        owner=storable(note.owner),
        title=storable(note.title),
        data=storable(note.data),
        source=storable(note.source),
    )
    if not fold_title(note.title):
        raise ValueError("a note needs a title")
    _refuse_longer("the title", note.title, MAX_TITLE)
    _refuse_longer("the text", note.data, MAX_DATA)
    return note


def fold_title(title: str) -> str:
    """Give what titles are told apart by: neither case nor width nor the amount of space."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def refuse_more(kept: int, most: int) -> None:
    """Refuse another note when there are `most`.

    Raises:
        NotesFull: there are.
    """
    if kept >= most:
        raise NotesFull(f"{kept} notes are kept, and no more can be: delete some first")


def _refuse_longer(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise ValueError(
            f"{what} of a note has {len(text)} characters, and {most} is the most: shorten it"
        )
