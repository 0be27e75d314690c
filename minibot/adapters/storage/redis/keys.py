"""The names of minibot's keys in Redis."""

from urllib.parse import quote


class Keys:
    """Names keys so that no id can reach into another's.

    Ids come from channels and may hold anything. In a name nothing is left of one that a name
    is divided by or a pattern made of: "telegram:1" becomes "telegram%3A1".
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    @property
    def conversations(self) -> str:
        """A sorted set: every conversation, by the server's millisecond it is forgotten at."""
        return f"{self._prefix}conversations"

    def entries(self, conversation: str) -> str:
        """A sorted set: entries by their place."""
        return f"{self._prefix}history:{_escaped(conversation)}"

    def state(self, conversation: str) -> str:
        """A hash: what is known of a conversation as a whole."""
        return f"{self.entries(conversation)}:state"

    def notes(self, owner: str) -> str:
        """A hash: notes by their folded title."""
        return f"{self._prefix}notes:{_escaped(owner)}"

    @property
    def owners(self) -> str:
        """A set: every owner that has notes."""
        return f"{self._prefix}owners"

    def outcome(self, token: str) -> str:
        """A text that is there for a while: how a change of notes went."""
        return f"{self._prefix}outcome:{_escaped(token)}"


def _escaped(text: str) -> str:
    # surrogatepass: what is not UTF-8 must not become the same as something else.
    return quote(text, safe="@", errors="surrogatepass")
