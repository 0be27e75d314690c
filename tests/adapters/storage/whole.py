"""Values of which no field is left at its default."""

from dataclasses import fields
from types import EllipsisType
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


def whole(kind: type[T], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[T]:
    """Make values of a dataclass in which every field may hold anything of its type.

    What a field added later holds is then made as well, and missed where it is not stored.
    """
    wanted: dict[str, st.SearchStrategy[Any] | EllipsisType] = {
        field.name: given.get(field.name, ...)
        for field in fields(kind)  # type: ignore[arg-type]  # there is no type of dataclasses
    }
    return st.builds(kind, **wanted)
