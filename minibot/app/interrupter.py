"""What a message does to the answer that is being written when it comes."""

from minibot.app.long_turns import LongTurns
from minibot.core.messages import IncomingMessage
from minibot.core.ports import SettingsSource


class Interrupter:
    """Stops an answer for the next question of its person, where the settings want that."""

    def __init__(self, long_turns: LongTurns, settings: SettingsSource) -> None:
        self._long_turns = long_turns
        self._settings = settings

    def on_busy(self, conversation: str, message: IncomingMessage) -> None:
        """Hear of a message that found its conversation busy."""
        if self._settings.current.chat.during_turn != "interrupt":
            return
        spoken = message.press is None and message.work is None and message.addressed
        if spoken and not message.text.startswith("/"):
            self._long_turns.interrupt(conversation, message.sender.id)
