"""A stranger's web server on the loopback: pages, a search engine, a place to tell secrets to."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.e2e.process import Sections

HOME, AWAY = "127.0.0.1", "127.0.0.2"

PageText = Callable[[str], str]
"""Give what stands on the page of a name."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True, kw_only=True)
class Web:
    """Two servers that serve the same pages."""

    port: int
    hits: list[str] = field(default_factory=list)
    """What was asked for, as ``host/path?query``; pages and searches left aside."""

    @property
    def home(self) -> str:
        return f"http://{HOME}:{self.port}"

    @property
    def away(self) -> str:
        return f"http://{AWAY}:{self.port}"

    @property
    def sections(self) -> Sections:
        """Settings with which minibot may read it and search with it."""
        return {
            "tools.http_client": {"allowed_private_networks": ["127.0.0.0/8"]},
            "tools.web_search": {"enabled": True, "base_url": self.home},
        }

    def hits_of(self, path: str) -> list[str]:
        return [hit for hit in self.hits if path in hit]


@asynccontextmanager
async def strangers_web(
    text_of: PageText = str, routes: Mapping[str, Handler] | None = None
) -> AsyncIterator[Web]:
    """Serve ``/page/<name>``, ``/search`` and the routes given, and note every other request."""

    async def page(request: web.Request) -> web.Response:
        text = text_of(request.match_info["name"])
        return web.Response(text=f"<title>News</title><p>{text}</p>", content_type="text/html")

    async def search(request: web.Request) -> web.Response:
        name = request.query["q"]
        found = {"title": "News", "url": f"{served.home}/page/{name}", "content": text_of(name)}
        return web.json_response({"results": [found]})

    async def other(request: web.Request) -> web.Response:
        served.hits.append(f"{request.host.partition(':')[0]}{request.path_qs}")
        return web.Response(text="Thank you.")

    application = web.Application()
    application.router.add_get("/page/{name}", page)
    application.router.add_get("/search", search)
    for path, handler in (routes or {}).items():
        application.router.add_get(path, handler)
    application.router.add_route("*", "/{path:.*}", other)
    runner = web.AppRunner(
        application, access_log=None, handler_cancellation=True, shutdown_timeout=0.2
    )
    await runner.setup()
    listening = _sockets()
    served = Web(port=listening[0].getsockname()[1])
    try:
        for each in listening:
            await web.SockSite(runner, each).start()
        yield served
    finally:
        await runner.cleanup()


def _sockets() -> list[socket.socket]:
    """Listen on both hosts, on one port."""
    first = socket.create_server((HOME, 0))
    return [first, socket.create_server((AWAY, first.getsockname()[1]))]
