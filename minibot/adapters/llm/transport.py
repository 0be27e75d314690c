"""Sends one request to a provider and reads what comes back, over llm-async's HTTP client."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http.cookies import CookieError

from aiosonic import HttpResponse
from aiosonic.connectors import TCPConnector
from aiosonic.exceptions import AiosonicError, ConnectTimeout
from aiosonic.pools import PoolConfig
from aiosonic.timeout import Timeouts
from llm_async.providers.base import BaseProvider

from minibot.adapters.llm.connection import chunks_of, connection_type
from minibot.adapters.llm.deadlines import Deadlines
from minibot.adapters.llm.failures import Censor, Refusal, failure_of_status, retry_after
from minibot.core.errors import ModelError, ModelUnreachable
from minibot.core.settings import ModelTimeouts

MAX_CONNECTIONS = 1024
"""Conversations that may wait for the model at once; the client's own default of 30 would make
the thirty-first wait for somebody else's answer."""

MAX_ERROR_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 64 * 1024 * 1024

DRAIN_SECONDS = 0.2
"""How long to wait for the end of the body behind the end mark, to keep the connection."""

BROKEN_TRANSPORT = (
    AiosonicError,
    OSError,
    EOFError,  # asyncio.IncompleteReadError
    asyncio.LimitOverrunError,
    ValueError,  # a chunk size, header or status line that is none
    CookieError,
    zlib.error,
)
"""Everything the HTTP client raises when the peer or the network misbehaves."""


def http_options(timeouts: ModelTimeouts) -> dict[str, object]:
    """Give the client's options: a large pool, and no deadline but our own.

    The client would otherwise end a request by itself after 30 s of thinking. Connections are
    not renewed after a number of requests: the client's counter never starts again.
    """
    pool = PoolConfig(size=MAX_CONNECTIONS, max_conn_requests=None)
    limits = Timeouts(
        sock_connect=None,
        sock_read=None,
        pool_acquire=None,
        request_timeout=None,
    )
    connector = TCPConnector(
        pool_configs={":default": pool},
        timeouts=limits,
        connection_cls=connection_type(timeouts.connect_seconds),
    )
    return {"connector": connector, "follow": False}


class Body:
    """The body of an accepted request."""

    def __init__(self, response: HttpResponse) -> None:
        self.content_type = str(response.headers.get("content-type", "")).lower()
        self._response = response

    def chunks(self) -> AsyncGenerator[bytes, None]:
        return chunks_of(self._response)


class Transport:
    """One provider's server.

    Every `submit` sends the request exactly once; nothing is sent again and no redirect is
    followed.
    """

    def __init__(self, provider: BaseProvider, censor: Censor, *, hint: str) -> None:
        self._provider = provider
        self._censor = censor
        self._hint = hint
        self._headers = _without_empty_credentials(provider)
        self._tls: ssl.SSLContext | None = None

    async def close(self) -> None:
        await self._provider.client.aclose()  # type: ignore[no-untyped-call]

    @asynccontextmanager
    async def submit(self, url: str, payload: bytes, deadlines: Deadlines) -> AsyncIterator[Body]:
        """Send a request and read the head of the answer; leaving gives the connection back."""
        response = await self._post(url, payload, deadlines)
        try:
            if not response.ok:
                raise await self._failure(response, deadlines)
            yield Body(response)
        finally:
            await response.aclose()  # type: ignore[no-untyped-call]

    async def _post(self, url: str, payload: bytes, deadlines: Deadlines) -> HttpResponse:
        try:
            async with deadlines.next_bytes(started=False):
                return await self._provider.client.request(
                    url,
                    "POST",
                    headers=self._headers,
                    data=payload,
                    ssl=self._tls_of(url),
                    stream=True,
                )
        except ConnectTimeout:
            raise deadlines.not_connected() from None
        except TimeoutError:
            raise deadlines.missed(started=False) from None
        except BROKEN_TRANSPORT as error:
            raise ModelUnreachable(
                f"the model's server cannot be reached: {self._describe(error)}"
            ) from None

    def _tls_of(self, url: str) -> ssl.SSLContext | None:
        """Make one context and keep it: the client would load the certificates at every connect."""
        if not url.startswith("https:"):
            return None
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    async def _failure(self, response: HttpResponse, deadlines: Deadlines) -> ModelError:
        body = b""
        try:
            body = await self._start_of(response, deadlines)
        except (TimeoutError, *BROKEN_TRANSPORT):
            pass  # the status line alone says enough
        refusal = Refusal(
            status=response.status_code,
            body=body,
            retry_after=retry_after(response.headers),
            hint=self._hint if response.status_code in (301, 302, 307, 308, 404, 405) else "",
        )
        return failure_of_status(refusal, self._censor)

    async def _start_of(self, response: HttpResponse, deadlines: Deadlines) -> bytes:
        body = bytearray()
        async with deadlines.next_bytes(started=False), aclosing(chunks_of(response)) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) >= MAX_ERROR_BYTES:
                    break
        return bytes(body)

    def _describe(self, error: BaseException) -> str:
        said = self._censor.excerpt(str(error))
        return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _without_empty_credentials(provider: BaseProvider) -> dict[str, str]:
    """Give the provider's headers; a server that needs no key is sent none."""
    headers = dict(provider._headers_for_request())
    if provider.api_key:
        return headers
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in ("authorization", "x-api-key", "x-goog-api-key")
    }
