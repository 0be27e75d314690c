"""What may not be read is not even connected to."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from minibot.adapters.tools.http.address import parse_address
from minibot.adapters.tools.http.family import HttpTools
from minibot.adapters.tools.http.guard import IpAddress, is_in, is_public, vet
from minibot.core.errors import ToolFailed
from tests.adapters.tools.http.rig import Server, fetch, lookup_of, make_context, reaching, serving
from tests.corpora.ssrf import NAMES, REFUSED, Why


@pytest.mark.parametrize(("url", "why"), REFUSED, ids=[repr(url)[:60] for url, _ in REFUSED])
async def test_hostile_address_reaches_nothing(
    tools: HttpTools, canary: Server, url: str, why: Why
) -> None:
    with pytest.raises(ToolFailed, match=why):
        await fetch(tools, url.replace("{port}", str(canary.port)), make_context())

    assert canary.connections == 0


async def test_canary_would_notice(tools: HttpTools, canary: Server) -> None:
    odd = f"http://0x7f000001:{canary.port}/"

    assert "canary" in await fetch(tools, odd, reaching("127.0.0.0/8"))
    assert canary.connections == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:{port}/",
        "//127.1:{port}/",
        "http://0x7f000001:{port}/",
        "http://[::ffff:7f00:1]:{port}/",
        "http://inside.test:{port}/",
        "http://both.test/",
        "http://169.254.169.254/",
        "http://user@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
    ],
)
async def test_redirect_is_vetted_like_an_address(
    tools: HttpTools, server: Server, canary: Server, status: int, to: str
) -> None:
    url = server.redirect("/", to.replace("{port}", str(canary.port)), status)

    with pytest.raises(ToolFailed, match="redirects to another address, and there"):
        await fetch(tools, url)

    assert (server.connections, canary.connections) == (1, 0)


async def test_second_redirect_is_vetted_too(
    tools: HttpTools, server: Server, canary: Server
) -> None:
    server.redirect("/two", canary.base)

    with pytest.raises(ToolFailed, match=Why.PLACE):
        await fetch(tools, server.redirect("/one", "/two"))

    assert (server.connections, canary.connections) == (2, 0)


@pytest.mark.parametrize(
    "page",
    [
        '<meta http-equiv="refresh" content="0; url={}"><p>here',
        '<p>here<script>location = "{}"</script>',
        '<p>here<iframe src="{}"></iframe><img src="{}">',
    ],
)
async def test_nothing_in_a_page_is_followed(
    tools: HttpTools, server: Server, canary: Server, page: str
) -> None:
    url = server.page("/", page.replace("{}", canary.base).encode())

    assert "here" in await fetch(tools, url)
    assert canary.connections == 0


async def test_name_that_changes_its_mind_is_connected_as_vetted(
    server: Server, canary: Server
) -> None:
    answers = iter([["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[IpAddress]:
        return [ip_address(each) for each in next(answers)]

    tools = HttpTools(lookup=rebinding)
    server.page("/", b"vetted")

    text = await fetch(tools, f"http://rebind.test:{server.port}/")

    assert "vetted" in text
    assert canary.connections == 0
    assert next(answers) == ["127.0.0.1"], "it was looked up once"
    await tools.close()


async def test_second_call_is_vetted_anew(server: Server, canary: Server) -> None:
    answers = iter([["127.0.0.2"], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[IpAddress]:
        return [ip_address(each) for each in next(answers)]

    tools = HttpTools(lookup=rebinding)
    server.page("/", b"vetted")
    url = f"http://rebind.test:{server.port}/"
    await fetch(tools, url)

    with pytest.raises(ToolFailed, match=Why.PLACE):
        await fetch(tools, url)

    assert canary.connections == 0
    await tools.close()


async def test_permission_withdrawn_holds_at_once(tools: HttpTools, server: Server) -> None:
    url = server.page("/", b"page")
    await fetch(tools, url)

    with pytest.raises(ToolFailed, match=Why.PLACE):
        await fetch(tools, url, make_context())

    assert server.connections == 1


async def test_proxy_of_the_environment_is_not_used(
    tools: HttpTools, server: Server, canary: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, canary.base)

    await fetch(tools, server.page("/", b"page"))

    assert (server.connections, canary.connections) == (1, 0)


async def test_ipv6_literal_is_read_when_allowed(tools: HttpTools) -> None:
    async with serving("::1") as server:
        url = server.page("/", b"six")

        assert "six" in await fetch(tools, url, reaching("::1/128"))
        assert f"HOST: [::1]:{server.port}\r\n".lower() in server.requests[0].lower()


async def test_refusal_says_nothing_of_the_inside(tools: HttpTools) -> None:
    with pytest.raises(ToolFailed) as refused:
        await fetch(tools, "http://inside.test/", make_context())

    assert "127.0.0.1" not in str(refused.value)


async def test_name_that_is_not_found_may_be_tried_again(tools: HttpTools) -> None:
    with pytest.raises(ToolFailed, match="no server of this name") as failed:
        await fetch(tools, "http://nowhere.test/", make_context())

    assert failed.value.transient


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("93.184.216.34", True),
        ("1.1.1.1", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::8.8.8.8", True),
        ("2002:808:808::1", True),
        ("2001:0:808:808::1", False),
        ("::8.8.8.8", False),
    ],
)
def test_public_addresses(text: str, public: bool) -> None:
    assert is_public(ip_address(text)) is public


@pytest.mark.parametrize("text", ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"])
def test_no_network_allows_the_metadata_of_a_cloud(text: str) -> None:
    assert not is_in(ip_address(text), [ip_network("0.0.0.0/0"), ip_network("::/0")])


def test_allowed_network_holds_wrapped_addresses() -> None:
    inside = [ip_network("10.0.0.0/8")]

    assert is_in(ip_address("::ffff:10.1.2.3"), inside)
    assert not is_in(ip_address("::ffff:11.1.2.3"), inside)


async def test_public_name_is_vetted_with_all_its_addresses() -> None:
    found = await vet(parse_address("https://example.test/"), (), lookup_of(NAMES))

    assert found == [ip_address("93.184.216.34")]


async def test_tls_names_the_host_and_not_the_address(tools: HttpTools) -> None:
    hello = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.set_result(await reader.read(4_096))
        writer.close()

    listening = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]

    with pytest.raises(ToolFailed):
        await fetch(tools, f"https://inside.test:{port}/", reaching("127.0.0.1/32"))

    assert b"inside.test" in await hello
    listening.close()
