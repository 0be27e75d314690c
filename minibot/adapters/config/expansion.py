"""Variables put into a whole config.toml, table by table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from minibot.adapters.config.environment import Tree, decode
from minibot.adapters.config.interpolation import (
    BadReference,
    MissingVariable,
    has_reference,
    interpolate,
)
from minibot.adapters.config.lines import Location
from minibot.adapters.config.problems import Complaint
from minibot.adapters.config.schema import ENTRIES, KeyPath, unknown_key

_ABSENT = object()
_FALSE = ("0", "off", "f", "false", "n", "no")


@dataclass(slots=True)
class Expansion:
    """Follows the references in a tree of known keys; collects what is wrong with them."""

    variables: Mapping[str, str]
    is_off: Callable[[KeyPath], bool]
    """Tells whether a key lies in a table that is switched off."""
    complaints: list[Complaint] = field(default_factory=list)

    def expand(self, tree: Tree) -> Tree:
        """Give the tree with every reference followed; what cannot be followed is left out."""
        return self._table(tree, ())

    def _table(self, table: Tree, location: Location) -> Tree:
        expanded = ((key, self._value(value, (*location, key))) for key, value in table.items())
        return {key: value for key, value in expanded if value is not _ABSENT}

    def _value(self, value: object, location: Location) -> object:
        if isinstance(value, dict):
            return self._table(value, location) if ENTRIES[key_of(location)].table else value
        if isinstance(value, list):
            return self._list(value, location)
        if isinstance(value, str):
            return self._text(value, location)
        return value

    def _list(self, items: list[object], location: Location) -> object:
        expanded = (self._item(item, (*location, index)) for index, item in enumerate(items))
        return [item for item in expanded if item is not _ABSENT]

    def _item(self, item: object, location: Location) -> object:
        # No key takes lists in lists, so there is nothing to look for further down.
        if isinstance(item, str):
            return self._text(item, location)
        if isinstance(item, dict) and ENTRIES[key_of(location)].tables:
            return self._table(item, location)
        return item

    def _text(self, text: str, location: Location) -> object:
        key = key_of(location)
        is_item = isinstance(location[-1], int)
        try:
            value = interpolate(text, self.variables)
            if "\0" in value:
                raise BadReference("must not hold a NUL character")
            if not is_item and ENTRIES[key].many and has_reference(text):
                return decode(value, key)
        except MissingVariable as error:
            if not self.is_off(key):
                self._complain(str(error), location)
            return _ABSENT
        except ValueError as error:
            self._complain(str(error), location)
            return _ABSENT
        return value

    def _complain(self, message: str, location: Location) -> None:
        self.complaints.append(Complaint(key=key_of(location), message=message, location=location))


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchedOff:
    """Tells whether a key lies in a table whose `enabled` will be false."""

    document: Tree
    overrides: Tree
    variables: Mapping[str, str]

    def __call__(self, key: KeyPath) -> bool:
        return any(self._is_off(key[:length]) for length in range(1, len(key) + 1))

    def _is_off(self, table: KeyPath) -> bool:
        switch = (*table, "enabled")
        if switch not in ENTRIES:
            return False
        value = find(self.overrides, switch)
        if value is None:
            value = find(self.document, switch)
            if isinstance(value, str):
                try:
                    value = interpolate(value, self.variables)
                except BadReference:
                    return False
        if value is None:
            value = ENTRIES[switch].default
        return value is False or (isinstance(value, str) and value.lower() in _FALSE)


def without_unknown(tree: Tree, complaints: list[Complaint], location: Location = ()) -> Tree:
    """Give the tree without the keys that do not exist, and complain of each of them."""
    known: Tree = {}
    for name, value in tree.items():
        place = (*location, name)
        key = key_of(place)
        entry = ENTRIES.get(key)
        if entry is None:
            message = unknown_key(key, table=isinstance(value, dict))
            complaints.append(Complaint(key=key, message=message, location=place))
        elif entry.table and isinstance(value, dict):
            known[name] = without_unknown(value, complaints, place)
        elif entry.tables and isinstance(value, list):
            known[name] = [
                without_unknown(item, complaints, (*place, index))
                if isinstance(item, dict)
                else item
                for index, item in enumerate(value)
            ]
        else:
            known[name] = value
    return known


def find(tree: Tree, path: KeyPath) -> object:
    node: object = tree
    for part in path:
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node


def key_of(location: Location) -> KeyPath:
    """Leave out the indexes of list items."""
    return tuple(part for part in location if isinstance(part, str))
