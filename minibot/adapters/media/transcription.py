"""Speech to text by a server that speaks like OpenAI's (API reference, "Create transcription")."""

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minibot.core.errors import MediaUnreadable
from minibot.core.settings import Transcription

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)

MOST_ANSWER = 4 * 1024**2


class HttpTranscriber:
    """Implements `minibot.core.ports.Transcriber`. Opens connections at the first call."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def transcribe(self, path: str, *, name: str, settings: Transcription) -> str:
        import aiohttp  # costs 0.2 s, for what most installations have switched off

        if self._session is None:
            self._session = aiohttp.ClientSession()
        file = await asyncio.to_thread(_opened, path)
        form = aiohttp.FormData()
        form.add_field("model", settings.model)
        form.add_field("response_format", "json")
        if settings.language:
            form.add_field("language", settings.language)
        form.add_field("file", file, filename=name)
        key = settings.api_key.get_secret_value()
        try:
            async with self._session.post(
                f"{settings.base_url}/audio/transcriptions",
                data=form,
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=aiohttp.ClientTimeout(total=settings.timeout_seconds),
                allow_redirects=False,
            ) as response:
                status, body = response.status, await response.content.read(MOST_ANSWER)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("speech was not recognised", extra={"error": type(error).__name__})
            raise MediaUnreadable(
                "the speech recognition cannot be reached: send it again later"
            ) from None
        finally:
            file.close()
        return _words(status, body)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _opened(path: str) -> Any:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise MediaUnreadable("it is not kept any more: send it again") from error


def _words(status: int, body: bytes) -> str:
    if status != 200:
        log.warning("speech was not recognised", extra={"status": status})
        raise MediaUnreadable(f"the speech recognition refused it (HTTP {status})")
    try:
        text = json.loads(body)["text"]
    except (ValueError, KeyError, TypeError):
        text = None
    if not isinstance(text, str):
        raise MediaUnreadable("the speech recognition gave an answer that cannot be read")
    return text
