"""Searching the web with a provider of the owner's choice."""

import asyncio
import json
import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Annotated, Protocol
from urllib.parse import urlencode

from aiosonic import HTTPClient, HttpResponse
from aiosonic.connectors import TCPConnector
from aiosonic.exceptions import ConnectTimeout
from aiosonic.pools import PoolConfig
from aiosonic.timeout import Timeouts
from pydantic import Field

from minibot import __version__
from minibot.adapters.tools.family import NO_UNDO
from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.http.body import ENCODINGS, read_body
from minibot.adapters.tools.http.connection import (
    BROKEN_TRANSPORT,
    CONNECT_SECONDS,
    PageConnection,
)
from minibot.adapters.tools.wording import one_line
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.settings import WebSearchTool
from minibot.core.tools import ToolContext, ToolTraits

TOTAL_SECONDS = 12.0
MAX_BODY = 1024 * 1024
"""Bytes of a provider's answer, unpacked."""

MAX_TITLE = 150
MAX_URL = 500
MAX_SNIPPET = 400

BUSY = frozenset({408, 425, 429})
"""Refusals that another try may not meet; so are all from 500 on."""

_TAG = re.compile(r"<[^<>]{0,200}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found."""

    title: str
    url: str
    snippet: str


class Provider(Protocol):
    """Somebody who searches."""

    def address(self, query: str, tool: WebSearchTool) -> str: ...

    def headers(self, tool: WebSearchTool) -> Mapping[str, str]: ...

    def hits(self, answer: Mapping[str, object]) -> Iterable[Hit]:
        """Read what was found, best first, uncleaned."""

    def advice(self, status: int) -> str:
        """Say what the owner can do about a refusal; empty when there is nothing to say."""


class WebSearchTools:
    """Searches the web."""

    undo = NO_UNDO

    def __init__(self, *, total_seconds: float = TOTAL_SECONDS) -> None:
        self._total_seconds = total_seconds
        self._tls: ssl.SSLContext | None = None
        self.tools = (function_tool(self.web_search, traits=ToolTraits(untrusted=True)),)

    async def web_search(
        self, context: ToolContext, query: Annotated[str, Field(max_length=400)]
    ) -> str:
        """Search the web for what you do not know or what may have changed. Gives titles,
        addresses and excerpts, written by strangers.

        Args:
            query: a few words, as for any search engine.
        """
        asked = " ".join(query.split())
        if not asked:
            raise ToolArgumentsInvalid('"query": must not be empty.')
        tool = context.settings.tools.web_search
        provider = PROVIDERS[tool.provider]
        try:
            async with asyncio.timeout(self._total_seconds):
                body = await self._ask(provider, provider.address(asked, tool), tool)
        except TimeoutError:
            raise ToolFailed(
                f"the search was not over after {self._total_seconds:g} s", transient=True
            ) from None
        return _listed(_cleaned(provider.hits(_read(body, provider)))[: tool.max_results])

    async def _ask(self, provider: Provider, url: str, tool: WebSearchTool) -> bytes:
        try:
            response = await self._submit(url, provider.headers(tool))
            try:
                return await _accepted(response, provider)
            finally:
                await response.aclose()  # type: ignore[no-untyped-call]
        except BROKEN_TRANSPORT as error:
            raise _failure(error) from None

    async def _submit(self, url: str, headers: Mapping[str, str]) -> HttpResponse:
        client = HTTPClient(
            connector=TCPConnector(
                pool_configs={":default": PoolConfig(size=1)},
                timeouts=Timeouts(sock_connect=None, sock_read=None, request_timeout=None),
                connection_cls=PageConnection,
            ),
            handle_cookies=False,
            follow=False,
            trust_env=False,
        )
        common = {
            "User-Agent": f"minibot/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": ENCODINGS,
        }
        return await client.request(
            url, headers={**common, **headers}, ssl=self._tls_of(url), stream=True
        )

    def _tls_of(self, url: str) -> ssl.SSLContext | None:
        """Make one context and keep it: loading the certificates takes long."""
        if not url.startswith("https:"):
            return None
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


class SearXNG:
    """A SearXNG, asked for JSON."""

    def address(self, query: str, tool: WebSearchTool) -> str:
        return f"{tool.base_url}/search?{urlencode({'q': query, 'format': 'json'})}"

    def headers(self, tool: WebSearchTool) -> Mapping[str, str]:
        key = tool.api_key.get_secret_value()
        return {"Authorization": f"Bearer {key}"} if key else {}

    def hits(self, answer: Mapping[str, object]) -> Iterable[Hit]:
        for found in _objects(answer.get("results")):
            yield _hit(found, snippet="content")

    def advice(self, status: int) -> str:
        if status == 403:
            return 'its settings.yml has to list "json" under search.formats'
        return "check tools.web_search.base_url"


class Brave:
    """The web search of Brave's API."""

    def address(self, query: str, tool: WebSearchTool) -> str:
        base = tool.base_url or "https://api.search.brave.com"
        parameters = {"q": query, "count": tool.max_results, "text_decorations": "false"}
        return f"{base}/res/v1/web/search?{urlencode(parameters)}"

    def headers(self, tool: WebSearchTool) -> Mapping[str, str]:
        return {"X-Subscription-Token": tool.api_key.get_secret_value()}

    def hits(self, answer: Mapping[str, object]) -> Iterable[Hit]:
        web = answer.get("web")
        for found in _objects(web.get("results") if isinstance(web, dict) else None):
            yield _hit(found, snippet="description")

    def advice(self, status: int) -> str:
        if status in (401, 403, 422):
            return "check tools.web_search.api_key"
        if status == 402:
            return "its plan is used up"
        return "check tools.web_search.base_url"


PROVIDERS: Mapping[str, Provider] = {"searxng": SearXNG(), "brave": Brave()}


async def _accepted(response: HttpResponse, provider: Provider) -> bytes:
    status = response.status_code
    if status >= 500 or status in BUSY:
        raise ToolFailed(f"the search provider answered {status}; try later", transient=True)
    if status != 200:
        raise ToolFailed(f"the search provider answered {status}: {provider.advice(status)}")
    body = await read_body(response, MAX_BODY)
    if not body.complete:
        raise ToolFailed("the search provider sent more than 1 MiB")
    return body.data


def _read(body: bytes, provider: Provider) -> Mapping[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise ToolFailed(f"the search provider sent no JSON: {provider.advice(200)}")
    return answer


def _objects(value: object) -> Iterable[Mapping[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else ()


def _hit(found: Mapping[str, object], *, snippet: str) -> Hit:
    return Hit(
        title=_text(found.get("title")),
        url=_text(found.get("url")),
        snippet=_text(found.get(snippet)),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _cleaned(hits: Iterable[Hit]) -> list[Hit]:
    """Leave out what leads nowhere and what was there before."""
    kept: dict[str, Hit] = {}
    for hit in hits:
        url = hit.url.strip()
        if not url.startswith(("http://", "https://")) or len(url) > MAX_URL or url in kept:
            continue
        if not url.isprintable() or " " in url:
            continue
        kept[url] = Hit(
            title=_plain(hit.title, MAX_TITLE) or url,
            url=url,
            snippet=_plain(hit.snippet, MAX_SNIPPET),
        )
    return list(kept.values())


def _plain(text: str, limit: int) -> str:
    """Take the markup out; the length is bounded first, so that this takes no time."""
    return one_line(unescape(_TAG.sub("", text[: 10 * limit])), limit)


def _listed(hits: list[Hit]) -> str:
    if not hits:
        return "Nothing was found. Try other words."
    return "\n".join(
        "\n".join(line for line in (f"{number}. {hit.title}", hit.url, hit.snippet) if line)
        for number, hit in enumerate(hits, 1)
    )


def _failure(error: Exception) -> ToolFailed:
    """Say what broke, without words that came with it: they may hold the key."""
    if isinstance(error, ConnectTimeout):
        return ToolFailed(
            f"no connection to the search provider within {CONNECT_SECONDS:g} s", transient=True
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return ToolFailed("the search provider's certificate is not valid")
    return ToolFailed(
        f"the search provider cannot be reached: {type(error).__name__}", transient=True
    )
