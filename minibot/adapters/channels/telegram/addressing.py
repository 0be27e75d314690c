"""Whom a message in a group is for: mentions, replies, commands and words that call the bot."""

from collections.abc import Sequence
from dataclasses import dataclass

from minibot.adapters.channels.telegram.json_fields import Json, covered, mapping
from minibot.core.trigger_words import is_called

NAMES_AND_ADDRESSES = frozenset({"mention", "url", "email", "bot_command", "cashtag"})
"""Entities in which a word that calls the bot is a part of something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """Knows by which names one bot is called."""

    bot_id: int
    username: str

    def is_meant(
        self, text: str, entities: Sequence[Json], *, replied: Json, words: Sequence[str]
    ) -> bool:
        """Say whether a message is for this bot.

        A command to another bot never is, whatever else it says.

        Args:
            replied: the message that this one answers.
            words: those that call the bot anywhere in a text.
        """
        if any(self._commands_another(text, entity) for entity in entities):
            return False
        if self._wrote(replied) or any(self._names_us(text, entity) for entity in entities):
            return True
        return bool(words) and is_called(_without_names(text, entities), words)

    def without_own_name(self, text: str) -> str:
        """Drop the bot's name where it only says whom the message is for."""
        own = f"@{self.username}"
        first = "".join(text.split(maxsplit=1)[:1])
        if not first or not text.startswith(first):
            return text
        rest = text[len(first) :]
        if first.lower() == own.lower():
            return rest.lstrip()
        command, at, name = first.partition("@")
        return command + rest if command.startswith("/") and at and self._is_own(name) else text

    def _wrote(self, replied: Json) -> bool:
        # Every message in a topic answers the one that opened it, which may be this bot's.
        if "forum_topic_created" in replied:
            return False
        return bool(mapping(replied.get("from")).get("id") == self.bot_id)

    def _names_us(self, text: str, entity: Json) -> bool:
        match entity.get("type"):
            case "mention":
                return self._is_own(covered(text, entity).removeprefix("@"))
            case "text_mention":
                return bool(mapping(entity.get("user")).get("id") == self.bot_id)
            case "bot_command":
                _, at, name = covered(text, entity).partition("@")
                # A command that names nobody is for every bot, but a path such as /etc is none.
                return self._is_own(name) if at else entity["offset"] == 0
        return False

    def _commands_another(self, text: str, entity: Json) -> bool:
        """Say whether a message is a command that names another bot."""
        if entity.get("type") != "bot_command" or entity.get("offset") != 0:
            return False
        _, at, name = covered(text, entity).partition("@")
        return bool(at) and not self._is_own(name)

    def _is_own(self, name: str) -> bool:
        return name.lower() == self.username.lower()


def _without_names(text: str, entities: Sequence[Json]) -> str:
    for entity in entities:
        if entity.get("type") in NAMES_AND_ADDRESSES and (whole := covered(text, entity)):
            text = text.replace(whole, " ")
    return text
