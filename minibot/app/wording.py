"""In which language minibot says something."""

from collections.abc import Callable

from minibot.core.messages import IncomingMessage
from minibot.core.texts import Texts, texts_in

Wording = Callable[[IncomingMessage], Texts]
"""Gives what is said to who wrote."""


def in_own_language(message: IncomingMessage) -> Texts:
    return texts_in(message.sender.language)
