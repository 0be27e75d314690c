"""A model behind a network: one submission, streamed."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from llm_async.providers.base import BaseProvider
from llm_async.utils.retry import RetryConfig

from minibot.adapters.llm.deadlines import Deadlines
from minibot.adapters.llm.failures import Censor, failure_of_error_object
from minibot.adapters.llm.fields import dump, parse
from minibot.adapters.llm.retry import RetryingModel, patience_of
from minibot.adapters.llm.sse import EventReader
from minibot.adapters.llm.transport import (
    BROKEN_TRANSPORT,
    DRAIN_SECONDS,
    MAX_ANSWER_BYTES,
    Body,
    Transport,
    http_options,
)
from minibot.adapters.llm.wire import Reader, Wire, WireType
from minibot.core.errors import ModelError, ModelReplyInvalid
from minibot.core.llm import CompletionRequest, StreamEvent
from minibot.core.ports import LanguageModel
from minibot.core.settings import ModelSettings, ModelTimeouts


def open_network_model(
    settings: ModelSettings, provider_type: type[BaseProvider], wire_type: WireType
) -> LanguageModel:
    """Build a provider's model, with retries around it."""
    key = settings.api_key.get_secret_value()
    provider = provider_type(
        api_key=key,
        base_url=settings.base_url,
        retry_config=RetryConfig(max_attempts=1),
        client_kwargs=http_options(settings.timeouts),
    )
    censor = Censor(key)
    hint = (
        f"check llm.base_url, now {settings.base_url}, and llm.model" if settings.base_url else ""
    )
    return RetryingModel(
        NetworkModel(
            wire_type(provider),
            Transport(provider, censor, hint=hint),
            censor=censor,
            timeouts=settings.timeouts,
        ),
        settings.retry,
        patience_seconds=patience_of(settings),
    )


class NetworkModel:
    """Asks a provider once and streams the answer."""

    def __init__(
        self, wire: Wire, transport: Transport, *, censor: Censor, timeouts: ModelTimeouts
    ) -> None:
        self._wire = wire
        self._transport = transport
        self._censor = censor
        self._timeouts = timeouts

    async def close(self) -> None:
        await self._transport.close()

    async def submit(
        self, request: CompletionRequest, taken: Callable[[], None]
    ) -> AsyncGenerator[StreamEvent, None]:
        """Ask; see `Submitter`."""
        deadlines = Deadlines(self._timeouts)
        reader = self._wire.reader(request.model, self._failure_of)
        payload = await self._payload(request)
        url = self._wire.address(request)
        async with self._transport.submit(url, payload, deadlines) as body:
            taken()
            if "json" in body.content_type:
                reader.read_whole(await self._read_json(body, reader, deadlines))
            elif "html" in body.content_type:
                raise ModelReplyInvalid("the model's server answered with a web page")
            else:
                async with aclosing(self._read_events(body, reader, deadlines)) as batches:
                    async for batch in batches:
                        for event in batch:
                            yield event
        for event in reader.answer.finish():
            yield event

    async def _payload(self, request: CompletionRequest) -> bytes:
        if any(entry.pictures for entry in request.messages):  # they are read from the disk
            return await asyncio.to_thread(lambda: dump(self._wire.payload(request)))
        return dump(self._wire.payload(request))

    async def _read_events(
        self, body: Body, reader: Reader, deadlines: Deadlines
    ) -> AsyncGenerator[list[StreamEvent], None]:
        answer, splitter = reader.answer, EventReader()
        async with aclosing(self._chunks(body, reader, deadlines)) as chunks:
            async for chunk in chunks:
                for event in splitter.feed(chunk):
                    reader.read_event(event)
                if ready := answer.take():
                    yield ready
        for event in splitter.finish():
            reader.read_event(event)

    async def _read_json(self, body: Body, reader: Reader, deadlines: Deadlines) -> object:
        data = bytearray()
        async with aclosing(self._chunks(body, reader, deadlines)) as chunks:
            async for chunk in chunks:
                data += chunk
                if len(data) > MAX_ANSWER_BYTES:
                    raise ModelReplyInvalid("the model's answer is too large to be one")
        tree = parse(bytes(data))
        if tree is None:
            raise ModelReplyInvalid("the model's server announced JSON and sent something else")
        return tree

    async def _chunks(
        self, body: Body, reader: Reader, deadlines: Deadlines
    ) -> AsyncGenerator[bytes, None]:
        """Read the body under the deadlines, up to its end or the answer's end mark."""
        answer = reader.answer
        async with aclosing(body.chunks()) as chunks:
            while not answer.ended:
                try:
                    async with deadlines.next_bytes(started=answer.started):
                        chunk = await anext(chunks, None)
                except TimeoutError:
                    raise deadlines.missed(started=answer.started) from None
                except BROKEN_TRANSPORT as error:
                    raise ModelReplyInvalid(
                        f"the connection broke in mid-answer: {type(error).__name__}"
                    ) from None
                if chunk is None:
                    return
                yield chunk
            await _drain(chunks, deadlines)

    def _failure_of(self, error: object) -> ModelError:
        return failure_of_error_object(error, self._censor)


async def _drain(chunks: AsyncGenerator[bytes, None], deadlines: Deadlines) -> None:
    """Read the little behind the end mark: only a body read to its end keeps its connection."""
    try:
        async with deadlines.at_most(DRAIN_SECONDS):
            async for _ in chunks:
                pass
    except (TimeoutError, *BROKEN_TRANSPORT):
        return
