"""Asks for a page and follows where it redirects, every step vetted anew."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from aiosonic import HTTPClient, HttpResponse
from aiosonic.connectors import TCPConnector
from aiosonic.exceptions import ConnectTimeout
from aiosonic.pools import PoolConfig
from aiosonic.timeout import Timeouts

from minibot import __version__
from minibot.adapters.tools.http.address import WebAddress, parse_address
from minibot.adapters.tools.http.body import ENCODINGS, Body, read_body
from minibot.adapters.tools.http.connection import (
    BROKEN_TRANSPORT,
    CONNECT_SECONDS,
    PageConnection,
    VettedAddress,
)
from minibot.adapters.tools.http.content import ContentType
from minibot.adapters.tools.http.guard import IpAddress, Lookup, Network, vet
from minibot.core.errors import ToolFailed

MAX_ADDRESSES = 3
"""Addresses of one host that are tried; more would use up the time."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAY_PASS = frozenset({408, 425, 429})
"""Refusals that another try may not meet; so are all from 500 on."""

USER_AGENT = f"minibot/{__version__}"
ACCEPT = "text/html, application/xhtml+xml, application/json, text/*;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one call may do."""

    max_bytes: int
    max_redirects: int
    allowed: Sequence[Network]


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What a server answered in the end."""

    address: WebAddress
    content_type: ContentType
    size: int | None
    """Bytes as the server states them."""
    body: Body | None
    """None when it is nothing that can be read as text."""


class Fetcher:
    """Reads pages. Nothing is kept from one to the next: no cookie, no connection."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._tls: ssl.SSLContext | None = None

    async def fetch(self, url: str, rules: Rules) -> Download:
        """Read a page; the caller sets the time it may take. Raises `ToolFailed`."""
        address = parse_address(url)
        found = await vet(address, rules.allowed, self._lookup)
        for _ in range(rules.max_redirects + 1):
            async with self._ask(address, found) as response:
                location = response.headers.get("location")
                if response.status_code not in REDIRECTS or not location:
                    return await _download(address, response, rules.max_bytes)
            try:
                address = address.follow(location)
                found = await vet(address, rules.allowed, self._lookup)
            except ToolFailed as error:
                raise ToolFailed(
                    f"the page redirects to another address, and there: {error}",
                    transient=error.transient,
                ) from None
        raise ToolFailed(
            f"the page redirects again and again; {rules.max_redirects} times are followed"
        )

    @asynccontextmanager
    async def _ask(
        self, address: WebAddress, found: Sequence[IpAddress]
    ) -> AsyncIterator[HttpResponse]:
        """Ask the first of these addresses that takes the connection."""
        response = await self._first_response(address, found[:MAX_ADDRESSES])
        try:
            yield response
        except BROKEN_TRANSPORT as error:
            raise _failure(error) from None
        finally:
            await response.aclose()  # type: ignore[no-untyped-call]

    async def _first_response(
        self, address: WebAddress, found: Sequence[IpAddress]
    ) -> HttpResponse:
        failure = ToolFailed("no server of this name can be found", transient=True)
        for each in found:
            try:
                return await self._request(address, each)
            except BROKEN_TRANSPORT as error:
                failure = _failure(error)
        raise failure

    async def _request(self, address: WebAddress, at: IpAddress) -> HttpResponse:
        client = HTTPClient(
            connector=TCPConnector(
                pool_configs={":default": PoolConfig(size=1)},
                timeouts=Timeouts(sock_connect=None, sock_read=None, request_timeout=None),
                connection_cls=PageConnection,
                resolver=VettedAddress(at),
                use_dns_cache=False,
            ),
            handle_cookies=False,
            follow=False,
            trust_env=False,
        )
        return await client.request(
            address.url,
            headers={
                "Host": address.authority,
                "User-Agent": USER_AGENT,
                "Accept": ACCEPT,
                "Accept-Encoding": ENCODINGS,
            },
            ssl=self._tls_of(address),
            stream=True,
        )

    def _tls_of(self, address: WebAddress) -> ssl.SSLContext | None:
        """Make one context and keep it: loading the certificates takes long."""
        if address.scheme != "https":
            return None
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


async def _download(address: WebAddress, response: HttpResponse, max_bytes: int) -> Download:
    status = response.status_code
    if not 200 <= status < 300:
        raise ToolFailed(_refusal(status), transient=status >= 500 or status in MAY_PASS)
    content_type = ContentType.parse(str(response.headers.get("content-type", "")))
    length = str(response.headers.get("content-length", ""))
    return Download(
        address=address,
        content_type=content_type,
        size=int(length) if length.isascii() and length.isdigit() else None,
        body=await read_body(response, max_bytes) if content_type.is_text else None,
    )


def _refusal(status: int) -> str:
    """Name a status in our words: the server's are a stranger's."""
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    return f"the server answered HTTP {status}{phrase}"


def _failure(error: Exception) -> ToolFailed:
    """Say what broke, without the words of the server or of our network."""
    if isinstance(error, ConnectTimeout):
        return ToolFailed(f"no connection within {CONNECT_SECONDS:g} s", transient=True)
    if isinstance(error, ssl.SSLCertVerificationError):
        return ToolFailed("the server's certificate is not valid, so nobody knows who it is")
    if isinstance(error, ssl.SSLError):
        return ToolFailed("no secure connection could be made", transient=True)
    if isinstance(error, ConnectionRefusedError):
        return ToolFailed("the server takes no connection", transient=True)
    return ToolFailed("the connection broke, or what came is no valid answer", transient=True)
