"""What minibot says itself: the same in every language."""

import string
from dataclasses import fields

import pytest

from minibot.core.texts import ENGLISH, LANGUAGES, Texts, texts_in

WORDS = [field.name for field in fields(Texts) if field.name != "commands"]
OTHERS = {code: texts for code, texts in LANGUAGES.items() if texts is not ENGLISH}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", WORDS)
def test_every_text_has_the_same_placeholders_everywhere(language: str, name: str) -> None:
    text = getattr(LANGUAGES[language], name)
    assert text.strip()
    assert placeholders(text) == placeholders(getattr(ENGLISH, name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_twelve_months(language: str) -> None:
    assert len(set(LANGUAGES[language].months.split())) == 12


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_describes_the_same_commands(language: str) -> None:
    described = LANGUAGES[language].commands
    assert described.keys() == LANGUAGES["de"].commands.keys()
    # Bot API, BotCommand: 1 to 256 characters.
    assert all(1 <= len(text) <= 100 for text in described.values())


@pytest.mark.parametrize("language", OTHERS)
def test_no_language_is_another_one_by_mistake(language: str) -> None:
    same = [name for name in WORDS if getattr(LANGUAGES[language], name) == getattr(ENGLISH, name)]
    assert set(same) <= {"normal", "no", "permission_no", "days", "hours", "minutes", "seconds"}


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("de", "Deutsch"),
        ("de-AT", "Deutsch"),
        ("ES", "Español"),
        ("zh-hans", "中文"),
        ("ru_RU", "Русский"),
        ("", "English"),
        ("tlh", "English"),
        ("dean", "English"),
    ],
)
def test_a_language_is_found_by_its_tag(tag: str, name: str) -> None:
    assert texts_in(tag).name == name
