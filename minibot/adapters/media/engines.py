"""Which engine turns speech into text is up to the settings, for each message anew."""

from collections.abc import Mapping

from minibot.core.ports import Transcriber
from minibot.core.settings import Transcription


class ChosenTranscriber:
    """Implements `minibot.core.ports.Transcriber` by the one the settings name."""

    def __init__(self, engines: Mapping[str, Transcriber]) -> None:
        self._engines = engines

    async def transcribe(self, path: str, *, name: str, settings: Transcription) -> str:
        return await self._engines[settings.engine].transcribe(path, name=name, settings=settings)

    async def close(self) -> None:
        for each in self._engines.values():
            await each.close()
