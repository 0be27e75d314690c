"""What stands in the data of buttons about jobs and tasks."""

import pytest

from minibot.app.handlers.agenda.presses import (
    Act,
    BoardPress,
    EntryPress,
    Place,
    ReminderAct,
    ReminderPress,
    View,
    WishAct,
    WishPress,
)
from tests.fakes import START


@pytest.mark.parametrize(
    ("press", "data"),
    [
        (
            EntryPress(
                act=Act.RUN,
                place=Place(view=View.DONE, page=2),
                entry_id="j2",
                version=3,
                person_id="4:2",
            ),
            "jb:ru:d2:j2:3:4:2",
        ),
        (WishPress(act=WishAct.DROP, token="7", person_id="42"), "rw:x:7:42"),
        (BoardPress(place=Place(view=View.TASKS), person_id="42"), "tb:t1::42"),
        (
            ReminderPress(
                act=ReminderAct.TOMORROW,
                job_id="j2",
                due=START.replace(microsecond=0),
                person_id="42",
            ),
            "rc:t:j2:1772600767:42",
        ),
    ],
)
def test_data_of_a_button_is_read_back(
    press: EntryPress | WishPress | BoardPress | ReminderPress, data: str
) -> None:
    assert str(press) == data
    assert type(press).parse(data.partition(":")[2]) == press


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (EntryPress, "ru:d2:j2:3"),
        (EntryPress, "ru:d2:j2:x:42"),
        (EntryPress, "??:d2:j2:3:42"),
        (EntryPress, "ru:?2:j2:3:42"),
        (WishPress, "q:7:42"),
        (BoardPress, "a:j2:42"),
        (BoardPress, ""),
        (ReminderPress, "t:j2:99999999999999999:42"),
    ],
)
def test_data_that_is_none_of_ours_is_refused(
    kind: type[EntryPress | WishPress | BoardPress | ReminderPress], data: str
) -> None:
    with pytest.raises(ValueError, match="."):
        kind.parse(data)
