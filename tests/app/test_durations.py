from datetime import timedelta

import pytest

from minibot.app.durations import spoken
from minibot.core.texts import LANGUAGES


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (7800, "2 h 10 min"),
        (7859, "2 h 10 min"),
        (86_400, "1 d"),
        (86_400 + 60, "1 d"),
        (3 * 86_400 + 3600, "3 d 1 h"),
    ],
)
def test_a_time_is_told_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("language", "words"), [("de", "1 h 1 min"), ("ru", "1 ч 1 мин"), ("zh", "1 小时 1 分")]
)
def test_a_time_is_told_in_other_languages(language: str, words: str) -> None:
    assert spoken(timedelta(seconds=3660), LANGUAGES[language]) == words
