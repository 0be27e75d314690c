"""What minibot itself says, in the languages it knows: one module each, and a line here."""

from collections.abc import Mapping

from minibot.core.texts.chinese import CHINESE
from minibot.core.texts.english import ENGLISH
from minibot.core.texts.german import GERMAN
from minibot.core.texts.russian import RUSSIAN
from minibot.core.texts.spanish import SPANISH
from minibot.core.texts.texts import Texts

LANGUAGES: Mapping[str, Texts] = {
    "en": ENGLISH,
    "de": GERMAN,
    "es": SPANISH,
    "ru": RUSSIAN,
    "zh": CHINESE,
}
"""By the two letters of ISO 639-1."""


def texts_in(language: str) -> Texts:
    """Give the texts for an IETF language tag such as ``de-AT``; English where there are none."""
    return LANGUAGES.get(language.lower().replace("_", "-").partition("-")[0], ENGLISH)


__all__ = ["ENGLISH", "LANGUAGES", "Texts", "texts_in"]
