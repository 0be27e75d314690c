"""Ways to talk with people."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from minibot.core.menus import CommandMenu
from minibot.core.messages import Arrival, Attachment, ChatRef, Part, PreviewKind
from minibot.core.outbox import Draft, OutgoingPart
from minibot.core.ports.media import Write

Receive = Callable[[Sequence[Arrival]], Awaitable[None]]
"""Store arrivals; when it returns they are durable and may be confirmed.

Raises `StorageUnavailable` when nothing was stored; call again with the same arrivals.
"""

Tell = Callable[[Sequence[Draft]], Awaitable[None]]
"""Queue drafts whose keys are new, and deliver them. Raises `StorageUnavailable`."""


class RichForms(Protocol):
    """Says where the richer form of parts is shown, see `Part.rich`."""

    def wanted(self, chat: ChatRef) -> bool:
        """Say whether it is, in this place; instant."""

    async def refused(self, part: OutgoingPart, problem: str) -> None:
        """Take note that the channel does not know it where this part is to be shown.

        It is not wanted there any more, for good, and the person is told. Never raises.
        """


class Topics(Protocol):
    """Topics inside the chats of a channel."""

    async def open(self, chat: ChatRef, name: str) -> ChatRef:
        """Open a topic in a chat and say where it is.

        Args:
            name: 1 to `minibot.core.topics.LONGEST_NAME` characters.

        Raises:
            TopicsImpossible: there can be none; SlowDown, SendRefused, ChatMoved: there is none.
            SendFailed: nobody knows whether there is one now.
        """

    async def rename(self, topic: ChatRef, name: str) -> None:
        """Give a topic another name, unless a person did so meanwhile. Raises `ChannelError`."""


class Channel(Protocol):
    """A way to talk with people."""

    @property
    def name(self) -> str:
        """The first part of its conversations' keys."""

    @property
    def topics(self) -> Topics | None:
        """Its topics; None where there is no such thing."""

    async def run(self, receive: Receive) -> None:
        """Listen until cancelled, or until there is nothing more to come."""

    async def send(self, part: OutgoingPart) -> str:
        """Deliver a part and give the channel's id of the message.

        A part that `edits` changes that message; one that is as wanted already, or is gone,
        counts as delivered. One that `removes` it and edits none does nothing. A refusal of
        formatting or of the reply target is overcome inside.
        Raises `SlowDown`, `SendFailed`, `SendRefused`, `ChatClosed`, `ChatMoved`.
        """

    async def show_typing(self, chat: ChatRef) -> None:
        """Show for some seconds that an answer is being written. Never raises `ChannelError`."""

    def previews(self, *, private: bool) -> tuple[PreviewKind, ...]:
        """Say how an answer can be shown while it is being written, the best way first."""

    async def show_draft(self, chat: ChatRef, draft_id: int, part: Part) -> None:
        """Show a text that is not a message yet, in the place of the last one of this id.

        A message that is sent to the chat takes it away. Raises `ChannelError`.

        Args:
            draft_id: not 0.
        """

    async def download(self, attachment: Attachment, write: Write, *, max_bytes: int) -> None:
        """Fetch what was sent along, piece by piece, and no more than `max_bytes` of it.

        Raises `MediaUnreadable` with words for its person: too large, or not to be had; and
        `SendFailed` when another try may do.
        """

    async def acknowledge(self, press_id: str, text: str) -> None:
        """Tell who pressed a button what came of it, in passing. Never raises `ChannelError`."""

    async def offer_menu(self, menu: CommandMenu) -> None:
        """Show a menu of commands from now on; nothing where the channel has none.

        Raises `ChannelError`; `SendRefused` when this menu cannot be had for now.
        """

    async def close(self) -> None:
        """Drop connections; nothing can be sent any more."""
