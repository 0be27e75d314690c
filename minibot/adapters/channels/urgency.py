"""Which messages pass those that wait: commands that do not depend on what came before."""

URGENT_COMMANDS = frozenset({"/stop", "/help", "/start", "/whoami", "/status", "/reload", "/dead"})
"""Those that change a conversation are not among them: they keep their place in it."""


def is_urgent(text: str) -> bool:
    """Tell by the first word, which ends at a blank; a bot's name behind it is gone already."""
    return text.strip().partition(" ")[0].lower() in URGENT_COMMANDS
