"""The board of a person: pages of what is open, done or failed."""

from collections.abc import Sequence
from datetime import datetime

from minibot.app.handlers.agenda.cards import Card, Shown, entry_of, sign, standing, title
from minibot.app.handlers.agenda.presses import BoardPress, Place, View
from minibot.core.jobs import JobState
from minibot.core.messages import Button
from minibot.core.planning import Planned
from minibot.core.tasks import TaskState

PAGE = 5
LONGEST_LINE = 80
"""Characters of the text of an entry."""

VIEWS = {
    View.ALL: "All",
    View.REMINDERS: "Reminders",
    View.TASKS: "Tasks",
    View.DONE: "Done",
    View.FAILED: "Failed",
}

_EMPTY = {
    View.ALL: "Nothing is planned. `/remind tomorrow 9:00 water the plants` plans something.",
    View.REMINDERS: "No reminder is planned.",
    View.TASKS: "Nothing is being worked on.",
    View.DONE: "Nothing is done.",
    View.FAILED: "Nothing failed.",
}

_FAILED: frozenset[JobState | TaskState] = frozenset(
    {JobState.FAILED, TaskState.FAILED, TaskState.BLOCKED}
)


def belongs(shown: Shown, view: View) -> bool:
    """Say whether an entry is in a view. What was cancelled is in none."""
    entry = entry_of(shown)
    match view:
        case View.DONE:
            return entry.state in (JobState.DONE, TaskState.SUCCEEDED)
        case View.FAILED:
            return entry.state in _FAILED
        case View.REMINDERS:
            return isinstance(shown, Planned) and not entry.over
        case View.TASKS:
            return not isinstance(shown, Planned) and not entry.over
    return not entry.over


def board_card(
    entries: Sequence[Shown], place: Place, *, person_id: str, zone: str, now: datetime
) -> Card:
    """Show a page of entries that belong to the view; the last one when there are not so many."""
    last = max(-(-len(entries) // PAGE), 1)
    place = Place(view=place.view, page=min(place.page, last))
    first = (place.page - 1) * PAGE
    page = entries[first : first + PAGE]
    lines = [f"**{VIEWS[place.view]}** ({len(entries)})", ""] if page else [_EMPTY[place.view]]
    for number, shown in enumerate(page, start=first + 1):
        text = title(_text(shown), LONGEST_LINE)
        said = standing(shown, zone=zone, now=now)
        # Escaped: a list of Markdown would be laid out anew.
        lines.append(f"{number}\\. {sign(shown)} {text} · {said} · `{entry_of(shown).id}`")
    return Card("\n".join(lines), _buttons(page, first, place, last, person_id))


def _buttons(
    page: Sequence[Shown], first: int, place: Place, last: int, person_id: str
) -> tuple[tuple[Button, ...], ...]:
    def to(label: str, target: Place, entry_id: str = "") -> Button:
        press = BoardPress(place=target, entry_id=entry_id, person_id=person_id)
        return Button(label=label, data=str(press))

    def turn(label: str, number: int) -> Button:
        return to(label, Place(view=place.view, page=number))

    def view(each: View) -> Button:
        label = f"• {VIEWS[each]}" if each is place.view else VIEWS[each]
        return to(label, Place(view=each))

    opening = tuple(
        to(str(number), place, entry_of(shown).id)
        for number, shown in enumerate(page, start=first + 1)
    )
    paging = (
        turn("‹", max(place.page - 1, 1)),
        turn(f"{place.page}/{last}", place.page),
        turn("›", min(place.page + 1, last)),
    )
    rows = (
        opening,
        paging if last > 1 else (),
        (view(View.ALL), view(View.REMINDERS), view(View.TASKS)),
        (view(View.DONE), view(View.FAILED)),
    )
    return tuple(row for row in rows if row)


def _text(shown: Shown) -> str:
    return shown.job.text if isinstance(shown, Planned) else shown.description
