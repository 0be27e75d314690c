"""Buttons on a terminal: numbers to type."""

from collections.abc import Sequence
from dataclasses import dataclass

from minibot.adapters.channels.console.ansi import without_escapes
from minibot.core.messages import Button


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The buttons under a message that was shown."""

    message_id: str
    rows: Sequence[Sequence[Button]]

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.rows for button in row]

    def lines(self) -> list[str]:
        """Give a line a row, with the number to type before each label."""
        number, lines = 0, []
        for row in self.rows:
            line = ""
            for button in row:
                number += 1
                line += f"  [{number}] {without_escapes(button.label)}"
            lines.append(line)
        return lines

    def chosen(self, typed: str) -> Button | None:
        """Give the button that is meant; None when the person means something else."""
        numbers = {str(number): button for number, button in enumerate(self.buttons, start=1)}
        return numbers.get(typed)
