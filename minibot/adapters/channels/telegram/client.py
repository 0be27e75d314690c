"""One bot's connection to the Bot API: JSON in and out, errors in minibot's own words."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeVar, cast

import aiohttp
import orjson

from minibot.adapters.channels.telegram.lean_aiogram import (
    AiogramError,
    AiohttpSession,
    Bot,
    ClientDecodeError,
    Response,
    TelegramAPIServer,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMethod,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from minibot.adapters.channels.telegram.methods import Method
from minibot.adapters.channels.telegram.uploads import Upload, multipart
from minibot.core.errors import (
    ChannelError,
    ChatClosed,
    ChatMoved,
    SendFailed,
    SendRefused,
    SlowDown,
    TokenRefused,
)

T = TypeVar("T")

CONNECTIONS = 256
CONNECT_SECONDS = 10.0
PIECE_BYTES = 262_144
"""Of a file that is fetched."""
LONGEST_ERROR = 300
"""Characters of an error's text that are kept."""

UNKNOWN_METHOD = "method not found"
"""What tells a server that is older than a method from a token that is wrong: both are 404."""


class PollConflict(ChannelError):
    """Someone else polls with this token, or a webhook is set."""


class BadRequest(SendRefused):
    """The Bot API refuses this request."""


class TelegramClient:
    """Calls methods. Opens its connections at the first call; `close` ends them."""

    def __init__(self, token: str, base_url: str) -> None:
        self._session = _JsonSession(api=TelegramAPIServer.from_base(base_url), limit=CONNECTIONS)
        self._bot = Bot(token, session=self._session)

    async def call(self, method: Method[T], *, timeout: float, upload: Upload | None = None) -> T:
        """Call once and give the result.

        Args:
            timeout: seconds for the whole call, a long poll included.
            upload: a file that goes with it.

        Raises:
            TokenRefused, SlowDown, ChatMoved, ChatClosed, BadRequest, SendRefused,
            PollConflict, SendFailed.
        """
        try:
            return await self._session.request(self._bot, method, timeout, upload=upload)
        except AiogramError as error:
            raise _in_own_words(error, self._bot.token, upload) from error

    async def read_file(
        self,
        path: str,
        write: Callable[[bytes], Awaitable[None]],
        *,
        stalled: float,
        longest: float,
    ) -> None:
        """Read a file from its beginning, piece by piece.

        Args:
            path: what getFile gave, of plain characters.
            stalled: seconds without a byte after which it fails.
            longest: seconds for all of it.

        Raises:
            SendFailed: the network or the server failed.
            SendRefused: there is no such file.
        """
        await self._session.read_file(
            self._session.api.file_url(self._bot.token, path),
            write,
            aiohttp.ClientTimeout(total=longest, sock_read=stalled, sock_connect=CONNECT_SECONDS),
        )

    async def reset(self) -> None:
        """Drop all connections; the next call opens new ones."""
        await self._session.close()

    async def close(self) -> None:
        await self._session.close()


class _JsonSession(AiohttpSession):
    """aiogram's session speaking JSON both ways, and surviving any answer."""

    async def request(
        self,
        bot: Bot,
        method: Method[T],
        timeout: float | None = None,
        *,
        upload: Upload | None = None,
    ) -> T:
        parameters = method.parameters()
        if upload is None:
            headers = {"Content-Type": "application/json"}
            status, content = await self._post(
                bot, method, timeout, data=_body(parameters), headers=headers
            )
        else:
            with multipart(parameters, upload) as data:
                status, content = await self._post(bot, method, timeout, data=data)
        return self._result(bot, method, status, content)

    async def _post(
        self, bot: Bot, method: Method[T], timeout: float | None, **body: Any
    ) -> tuple[int, bytes]:
        """Give the status and the body of the answer.

        Args:
            body: what aiohttp is told of the body of the request.
        """
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        limits = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_SECONDS)
        try:
            async with session.post(url, timeout=limits, **body) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise _network_error(method, "timed out") from error
        except aiohttp.ClientError as error:
            # The text of some of these holds the URL, and with it the token.
            raise _network_error(method, type(error).__name__) from error

    async def read_file(
        self,
        url: str,
        write: Callable[[bytes], Awaitable[None]],
        limits: aiohttp.ClientTimeout,
    ) -> None:
        session = await self.create_session()
        try:
            async with session.get(url, timeout=limits, allow_redirects=False) as response:
                if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise SendFailed(f"HTTP {response.status}")
                if response.status != HTTPStatus.OK:
                    raise SendRefused(f"HTTP {response.status}")
                async for piece in response.content.iter_chunked(PIECE_BYTES):
                    await write(piece)
        except TimeoutError:
            raise SendFailed("timed out") from None
        except aiohttp.ClientError as error:
            # The text of some of these holds the URL, and with it the token.
            raise SendFailed(type(error).__name__) from None

    async def close(self) -> None:
        if self._session is not None and not self._session.closed:
            await self._session.close()
            if self.api.base.startswith("https:"):
                await asyncio.sleep(0.25)  # aiohttp, "Graceful Shutdown": TLS closes late

    def _result(self, bot: Bot, method: Method[T], status: int, content: bytes) -> T:
        try:
            answer = parse(content)
        except ValueError as error:
            raise ClientDecodeError("not JSON", error, f"HTTP {status}") from error
        if not isinstance(answer, dict):
            raise ClientDecodeError("not an object", ValueError(), f"HTTP {status}")
        if answer.get("ok") is True and status == HTTPStatus.OK and "result" in answer:
            result: T = answer["result"]
            return result
        return self._raise(bot, method, status, answer)

    def _raise(self, bot: Bot, method: Method[T], status: int, answer: dict[str, Any]) -> T:
        plain = {
            "ok": False,
            "description": str(answer.get("description", "")),
            "parameters": answer.get("parameters"),
        }
        text = json.dumps(plain)
        response: Response[T] = self.check_response(bot, _as_aiograms(method), status, text)
        raise ClientDecodeError("neither result nor error", ValueError(), str(response.ok))


def _as_aiograms(method: Method[Any]) -> TelegramMethod[Any]:
    """Say that a method is one of aiogram's: its errors carry it, and read no more of it."""
    return cast("TelegramMethod[Any]", method)


def _network_error(method: Method[Any], message: str) -> TelegramNetworkError:
    return TelegramNetworkError(method=_as_aiograms(method), message=message)


def parse(content: bytes) -> Any:
    """Read JSON; half a surrogate pair, which orjson refuses, must not deafen the bot.

    Raises:
        ValueError: it is none, or nested beyond reason.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return _parse_slowly(content)


def _parse_slowly(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _body(parameters: dict[str, Any]) -> bytes:
    """Write JSON; what orjson refuses is for Telegram to refuse, with an answer we understand."""
    try:
        return orjson.dumps(parameters)
    except orjson.JSONEncodeError:
        return json.dumps(parameters).encode()


def _in_own_words(error: AiogramError, token: str, upload: Upload | None) -> ChannelError:
    text: str = getattr(error, "message", "")
    if isinstance(error, ClientDecodeError):
        text = f"Telegram's answer cannot be read: {text}, {error.data}"
    # Errors are stored and told: a proxy that quotes the URL in its own must not matter.
    text = text.replace(token, "***")[:LONGEST_ERROR]
    match error:
        case TelegramRetryAfter():
            return SlowDown(float(error.retry_after))
        case TelegramMigrateToChat():
            return ChatMoved(str(error.migrate_to_chat_id))
        case TelegramNotFound() if UNKNOWN_METHOD in text.lower():
            return BadRequest(text)
        case TelegramUnauthorizedError() | TelegramNotFound():
            return TokenRefused(f"Telegram refuses the bot token: {text}")
        case TelegramForbiddenError():
            return ChatClosed(text)
        case TelegramConflictError():
            return PollConflict(text)
        case TelegramBadRequest():
            return BadRequest(text)
        case TelegramEntityTooLarge():
            return SendRefused(f"the file {upload.name} is too big: {text}" if upload else text)
        case _:
            return SendFailed(text)
