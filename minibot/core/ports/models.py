"""Language models."""

from collections.abc import AsyncGenerator
from typing import Protocol

from minibot.core.llm import CompletionRequest, StreamEvent


class LanguageModel(Protocol):
    """A model of some provider."""

    def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        """Ask. The last event is `Finished`; anything else raises a `ModelError`.

        Closing the iterator cancels the request at the provider.
        """

    async def close(self) -> None: ...
