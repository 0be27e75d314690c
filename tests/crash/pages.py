"""Web pages on the loopback that know when they were read."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

SLOW_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page was asked for."""

    path: str
    at: float
    """Seconds since 1970, as the journal has them."""


class Pages:
    """Answers whatever is asked and remembers it."""

    def __init__(self) -> None:
        self.url = ""
        self.visits: list[Visit] = []

    async def answer(self, request: web.BaseRequest) -> web.Response:
        self.visits.append(Visit(path=request.path, at=time.time()))
        if request.path.endswith("/b"):  # so that pages read side by side do not end together
            await asyncio.sleep(SLOW_SECONDS)
        return web.Response(text=f"This is the page {request.path}.")


@asynccontextmanager
async def pages() -> AsyncIterator[Pages]:
    """Serve while inside."""
    served = Pages()
    runner = web.ServerRunner(web.Server(served.answer, access_log=None), shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        served.url = f"http://{host}:{port}"
        yield served
    finally:
        await runner.cleanup()
