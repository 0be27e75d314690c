"""The tool that reads web pages."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

from minibot.adapters.tools.function import function_tool
from minibot.adapters.tools.http.address import origin_of
from minibot.adapters.tools.http.fetch import Download, Fetcher, Rules
from minibot.adapters.tools.http.guard import Lookup, SystemLookup
from minibot.adapters.tools.http.text import Readable, read_text
from minibot.adapters.tools.sizes import in_words
from minibot.core.errors import ToolFailed
from minibot.core.ports import Tool
from minibot.core.settings import Settings
from minibot.core.tools import Effect, ToolContext, ToolResult, ToolTraits

LOOKUP_THREADS = 8
"""A name server that is silent holds one for half a minute, and must not hold them all."""
READING_THREADS = 2

SHARE_OF_TIME = 0.95
"""Of a call's time: what ends in time by itself can say what it waited for."""
SHARE_OF_OUTPUT = 0.9
"""Of a result's length, so that the lines around the text are not cut off."""

TRAITS = ToolTraits(effect=Effect.READ, outbound=True, untrusted=True)


class HttpTools:
    """Reads web pages.

    Args:
        lookup: finds the addresses of a host; the machine's resolver when left out.
    """

    undo: Mapping[str, Callable[[str, str], Awaitable[str]]] = MappingProxyType({})

    def __init__(self, *, lookup: Lookup | None = None) -> None:
        self._lookups = ThreadPoolExecutor(LOOKUP_THREADS, "http-lookup")
        self._readers = ThreadPoolExecutor(READING_THREADS, "http-reading")
        self._fetcher = Fetcher(lookup or SystemLookup(self._lookups))
        self.tools: tuple[Tool, ...] = (
            function_tool(self.http_fetch, traits=TRAITS, scope=origin_of),
        )

    async def close(self) -> None:
        """Give the threads up; one that still waits for a name server ends by itself."""
        self._lookups.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def http_fetch(self, context: ToolContext, url: str) -> ToolResult:
        """Read a web page, or JSON or text on the web, and give its text with its links.

        Args:
            url: the whole address, beginning with https:// or http://
        """
        seconds = context.settings.tools.timeout_seconds * SHARE_OF_TIME
        try:
            async with asyncio.timeout(seconds):
                return ToolResult(text=await self._page(url, context.settings))
        except TimeoutError:
            raise ToolFailed(
                f"the page was not there after {seconds:.3g} s", transient=True
            ) from None

    async def _page(self, url: str, settings: Settings) -> str:
        found = await self._fetcher.fetch(url, _rules_of(settings))
        if found.body is None:
            return _unreadable(found)
        limit = int(settings.tools.max_output_characters * SHARE_OF_OUTPUT)
        page = await asyncio.get_running_loop().run_in_executor(
            self._readers, read_text, found.body.data, found.content_type, found.address, limit
        )
        return _unreadable(found) if page is None else _shown(found, page, limit)


def _rules_of(settings: Settings) -> Rules:
    http = settings.tools.http_client
    return Rules(
        max_bytes=http.max_bytes,
        max_redirects=http.max_redirects,
        allowed=http.allowed_private_networks,
    )


def _shown(found: Download, page: Readable, limit: int) -> str:
    lines = [found.address.url]
    if page.title:
        lines.append(f"Title: {page.title}")
    lines += ["", page.text or "There is no text on this page."]
    if page.cut:
        lines += ["", f"[There is more; this is the beginning, {limit:,} characters at the most.]"]
    elif found.body is not None and not found.body.complete:
        lines += ["", f"[There is more; {in_words(len(found.body.data))} were read.]"]
    return "\n".join(lines)


def _unreadable(found: Download) -> str:
    kind = found.content_type.essence or "data of no stated kind"
    size = "of unknown size" if found.size is None else f"of {in_words(found.size)}"
    return f"{found.address.url}\n\nThis is {kind}, {size}; only text can be read."
