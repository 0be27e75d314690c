"""What pydantic found, in plain words, and never with the value it found it in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from minibot.adapters.config.lines import Location
from minibot.adapters.config.schema import ENTRIES, KeyPath

_TEXTS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number that is not infinite",
    "string_type": "must be text, in quotes",
    "string_unicode": "must be readable text",
    "string_too_short": "must not be shorter than {min_length}",
    "string_too_long": "must not be longer than {max_length}",
    "path_type": "must be a path, in quotes",
    "tuple_type": "must be a list, in [ ]",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must not be less than {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must not be more than {le}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A problem that has not been located in the file yet."""

    key: KeyPath
    message: str
    location: Location
    """`key`, and the index of the item when it is about one item of a list."""


def complaints(error: ValidationError, *, below: int = 0) -> Iterator[Complaint]:
    """Translate every error, without the first `below` steps of its location."""
    told: set[KeyPath | Location] = set()
    for detail in error.errors(include_url=False, include_input=False):
        complaint = _complaint(detail, detail["loc"][below:])
        if complaint.location not in told:  # a union complains once for each of its members
            told.add(complaint.location)
            yield complaint


def _complaint(detail: ErrorDetails, location: Location) -> Complaint:
    message = _message(detail)
    place = _place(location)
    key = tuple(part for part in place if isinstance(part, str))
    if not key or ENTRIES[key].table or ENTRIES[key].tables:
        about = _subject(message, key)
        message = message.removeprefix(".".join(about[len(key) :])).lstrip()
        return Complaint(key=about, message=message, location=place + about[len(key) :])
    if isinstance(place[-1], int):
        return Complaint(key=key, message=f"item {place[-1] + 1} {message}", location=place)
    return Complaint(key=key, message=message, location=place)


def _message(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    numbers = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in context.items()
    }
    return _TEXTS.get(detail["type"], "cannot be used").format(**numbers)


def _place(location: Location) -> Location:
    """Cut off what pydantic adds behind the key and the index of an item: members of a union."""
    place: Location = ()
    key: KeyPath = ()
    for part in location:
        if isinstance(part, str) and (*key, part) in ENTRIES:
            key = (*key, part)
        elif not isinstance(part, int) or not key or not ENTRIES[key].many:
            break
        place = (*place, part)
    return place


def _subject(message: str, table: KeyPath) -> KeyPath:
    """Find the key of a table that a message about the table names first."""
    for word in re.findall(r"[a-z_]+(?:\.[a-z_]+)*", message):
        if (key := (*table, *word.split("."))) in ENTRIES:
            return key
    return table
