"""Which messages pass those that wait: commands that do not depend on what came before."""

from minibot.core.stop_words import is_stop_word

URGENT_COMMANDS = frozenset({"/stop", "/help", "/start", "/whoami", "/status", "/dead"})
"""Those that change a conversation, or the settings of what comes behind them, keep their place."""


def is_urgent(text: str) -> bool:
    """Tell by the first word, which ends at a blank; a bot's name behind it is gone already."""
    return is_stop_word(text) or text.strip().partition(" ")[0].lower() in URGENT_COMMANDS
