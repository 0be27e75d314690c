"""Files on their way from Telegram: asked for by getFile, then read piece by piece.

The address of a file holds the bot token, so no error here quotes an address.
"""

import re

from minibot.adapters.channels.telegram.client import BadRequest, TelegramClient
from minibot.adapters.channels.telegram.json_fields import mapping
from minibot.adapters.channels.telegram.methods import GetFile
from minibot.core.errors import ChannelError, MediaUnreadable, SendFailed, SlowDown
from minibot.core.messages import Attachment
from minibot.core.ports import Write

ASK_SECONDS = 20.0
STALLED_SECONDS = 20.0
"""Without a byte a download is given up."""
LONGEST_SECONDS = 300.0

_PLAIN_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*", re.ASCII)
_TOO_BIG = "too big"


async def download(
    client: TelegramClient, attachment: Attachment, write: Write, *, max_bytes: int
) -> None:
    """Fetch a file, once.

    Raises:
        MediaUnreadable: too large, or gone.
        SendFailed: Telegram cannot be reached, or broke off; another try may do.
    """
    refuse_larger(attachment.size, max_bytes)
    left = max_bytes

    async def measured(piece: bytes) -> None:
        nonlocal left
        left -= len(piece)
        if left < 0:
            raise MediaUnreadable("it is larger than it was said to be, and than I may fetch")
        await write(piece)

    try:
        path = await _path_of(client, attachment.file_id, max_bytes)
        await client.read_file(path, measured, stalled=STALLED_SECONDS, longest=LONGEST_SECONDS)
    except SlowDown as error:
        raise SendFailed(str(error)) from None
    except SendFailed:
        raise
    except ChannelError as error:
        raise _refusal(error) from None


def refuse_larger(size: int, max_bytes: int) -> None:
    """Raise `MediaUnreadable` for a file that is said to be too large."""
    if size > max_bytes:
        raise MediaUnreadable(
            f"it has {size / 1024**2:.1f} MB, and I fetch {max_bytes / 1024**2:g} MB at the most"
        )


async def _path_of(client: TelegramClient, file_id: str, max_bytes: int) -> str:
    found = mapping(await client.call(GetFile(file_id=file_id), timeout=ASK_SECONDS))
    size, path = found.get("file_size"), found.get("file_path")
    refuse_larger(size if type(size) is int else 0, max_bytes)
    if not isinstance(path, str) or not _PLAIN_PATH.fullmatch(path) or ".." in path:
        raise MediaUnreadable("Telegram does not say where it is")
    return path


def _refusal(error: ChannelError) -> MediaUnreadable:
    if isinstance(error, BadRequest) and _TOO_BIG in str(error).lower():
        return MediaUnreadable("it is larger than Telegram gives to bots (20 MB)")
    return MediaUnreadable("Telegram does not give it to me any more: send it again")
