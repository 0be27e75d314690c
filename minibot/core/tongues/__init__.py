"""The languages in which promises are found: one module each, and a line here."""

from minibot.core.tongues.chinese import CHINESE
from minibot.core.tongues.english import ENGLISH
from minibot.core.tongues.french import FRENCH
from minibot.core.tongues.german import GERMAN
from minibot.core.tongues.italian import ITALIAN
from minibot.core.tongues.portuguese import PORTUGUESE
from minibot.core.tongues.russian import RUSSIAN
from minibot.core.tongues.spanish import SPANISH
from minibot.core.tongues.tongue import Tongue

TONGUES = (ENGLISH, GERMAN, SPANISH, RUSSIAN, CHINESE, FRENCH, ITALIAN, PORTUGUESE)

__all__ = ["TONGUES", "Tongue"]
