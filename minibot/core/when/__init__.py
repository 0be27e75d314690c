"""A small grammar for moments: "in 10m", "tomorrow 9:00", "every mon,thu at 10".

It knows English, German, Spanish, Russian and Chinese; whatever it does not read is for the model.
"""

from minibot.core.when.complaints import EXAMPLES
from minibot.core.when.parse import Spoken, parse
from minibot.core.when.upcoming import upcoming

__all__ = ["EXAMPLES", "Spoken", "parse", "upcoming"]
