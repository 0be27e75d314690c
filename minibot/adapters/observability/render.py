"""From an entry to the text of its line, secrets taken out."""

from minibot.adapters.observability.entry import Entry, Value
from minibot.adapters.observability.layouts import Layout
from minibot.adapters.observability.redaction import MASK, Redactor, names_a_secret

_LONGEST = 32_768
"""Characters kept of a message, a field or a traceback."""
_MARGIN = 4_096
"""Cut off as well where a secret may have been cut in two."""


class Renderer:
    """Redacts the parts of an entry, lays them out and looks at the whole line once more."""

    def __init__(self, redactor: Redactor, layout: Layout) -> None:
        self.layout = layout
        self._redactor = redactor

    def __call__(self, entry: Entry) -> str:
        clean = entry._replace(
            message=self._text(entry.message),
            fields={
                self._name(name): self._field(name, value) for name, value in entry.fields.items()
            },
            exception=entry.exception and self._text(entry.exception),
        )
        return self._redactor.mask_known(self.layout(clean))

    def _name(self, name: str) -> str:
        # Written as it is, an identifier is left to the look at the whole line.
        return name if name.isidentifier() else self._redactor.mask_known(name)

    def _field(self, name: str, value: Value) -> Value:
        if value is None or value == "" or isinstance(value, bool | float):
            return value
        if names_a_secret(name):
            return MASK
        if isinstance(value, str):
            return self._text(value)
        # A secret may be a number; replaced in the finished line it would break the JSON.
        return value if self._redactor.mask_known(str(value)) == str(value) else MASK

    def _text(self, text: str) -> str:
        if len(text) <= _LONGEST:
            return self._redactor.redact(text)
        kept = self._redactor.redact(text[: _LONGEST + _MARGIN])
        kept = kept[: min(_LONGEST, len(kept) - _MARGIN)]
        return f"{kept} [{len(text) - _LONGEST} characters more]"
