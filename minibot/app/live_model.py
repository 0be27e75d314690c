"""The model in use, which a change of the settings may replace while answers are running."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from minibot.core.llm import CompletionRequest, StreamEvent
from minibot.core.ports import LanguageModel
from minibot.core.settings import LanguageModelSettings, ModelContext

OpenModel = Callable[[LanguageModelSettings], LanguageModel]


@dataclass(slots=True, eq=False)
class _Lease:
    model: LanguageModel
    settings: LanguageModelSettings
    streams: int = 0
    retired: bool = False


class LiveModel:
    """Implements `minibot.core.ports.LanguageModel` by whichever model the settings name."""

    def __init__(self, open_model: OpenModel, settings: LanguageModelSettings) -> None:
        self._open_model = open_model
        self._lease = _Lease(open_model(settings), settings)

    async def follow(self, settings: LanguageModelSettings) -> None:
        """Use what these settings name from the next question on."""
        if _connection(settings) == _connection(self._lease.settings):
            return
        old, self._lease = self._lease, _Lease(self._open_model(settings), settings)
        old.retired = True
        if not old.streams:
            await old.model.close()

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        lease = self._lease
        lease.streams += 1
        try:
            async with aclosing(lease.model.stream(request)) as events:
                async for event in events:
                    yield event
        finally:
            lease.streams -= 1
            if lease.retired and not lease.streams:
                await lease.model.close()

    async def close(self) -> None:
        await self._lease.model.close()


def _connection(settings: LanguageModelSettings) -> LanguageModelSettings:
    """Leave out what is said anew with every question."""
    asked = {"model": "", "temperature": None, "max_new_tokens": None, "context": ModelContext()}
    return settings.model_copy(update=asked)
