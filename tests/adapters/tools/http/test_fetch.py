"""Pages as servers send them: well, badly, and with bad intent."""

import asyncio
import gzip
import zlib

import pytest

from minibot.adapters.tools.http.address import parse_address
from minibot.adapters.tools.http.family import HttpTools
from minibot.core.errors import ToolFailed
from minibot.core.tools import Effect
from tests.adapters.tools.http.rig import Server, fetch, lookup_of, raw, reaching

PAGE = b"<html><head><title>Cats</title></head><body><h1>All cats</h1><p>purr</body>"


async def test_result_begins_with_address_and_title(tools: HttpTools, server: Server) -> None:
    url = server.page("/cats?b=2&a=1#top", PAGE)
    server.page("/cats?b=2&a=1", PAGE)

    text = await fetch(tools, url)

    assert text == f"{server.base}/cats?b=2&a=1\nTitle: Cats\n\n# All cats\n\npurr"


async def test_redirects_are_followed_to_the_address_that_is_told(
    tools: HttpTools, server: Server
) -> None:
    server.redirect("/1", "/dir/2", 301)
    server.redirect("/dir/2", "3", 308)
    server.redirect("/dir/3", server.base + "/ü nd", 303)
    server.page("/%C3%BC%20nd", PAGE)

    assert (await fetch(tools, server.base + "/1")).startswith(f"{server.base}/%C3%BC%20nd\n")


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("", "/"),
        ("?q=a b", "/?q=a%20b"),
        ("/a;b=1/c;d?e;f#g", "/a%3Bb=1/c%3Bd?e;f"),
        ("/größe?ü=ß", "/gr%C3%B6%C3%9Fe?%C3%BC=%C3%9F"),
        ("/a%20b%2Fc?d=%26", "/a%20b%2Fc?d=%26"),
        ("/wiki/A_(b)!'*,$@:=+~", "/wiki/A_(b)!'*,$@:=+~"),
    ],
)
async def test_page_is_asked_for_as_written(
    tools: HttpTools, server: Server, written: str, asked: str
) -> None:
    server.page(asked, PAGE)

    assert "All cats" in await fetch(tools, server.base + written)


async def test_redirects_end(tools: HttpTools, server: Server) -> None:
    url = server.redirect("/", "/")

    with pytest.raises(ToolFailed, match="3 times are followed") as failed:
        await fetch(tools, url)

    assert not failed.value.transient
    assert server.connections == 4


async def test_no_redirect_is_followed_when_none_is_allowed(
    tools: HttpTools, server: Server
) -> None:
    server.page("/2", PAGE)

    with pytest.raises(ToolFailed, match="0 times are followed"):
        await fetch(tools, server.redirect("/1", "/2"), reaching(max_redirects=0))


def test_redirect_from_https_to_http_is_not_followed() -> None:
    page = parse_address("https://example.org/a")

    with pytest.raises(ToolFailed, match="from https to http"):
        page.follow("http://example.org/a")
    assert page.follow("//example.org/b").url == "https://example.org/b"


async def test_request_tells_nothing_of_whoever_asks(tools: HttpTools, server: Server) -> None:
    server.page("/set", PAGE, "text/html", "Set-Cookie: id=1; Path=/")
    await fetch(tools, server.base + "/set")

    await fetch(tools, server.page("/get", PAGE))

    head = server.requests[1].lower()
    names = {line.partition(":")[0] for line in head.split("\r\n")[1:] if line}
    assert names == {"host", "connection", "user-agent", "accept", "accept-encoding"}
    assert "user-agent: minibot/" in head
    assert f"host: {server.host}:{server.port}" in head
    assert server.connections == 2


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "DEFLATE", "raw", "identity"])
async def test_packed_page_is_unpacked(tools: HttpTools, server: Server, encoding: str) -> None:
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = {
        "gzip": gzip.compress(PAGE),
        "x-gzip": gzip.compress(PAGE[:20]) + gzip.compress(PAGE[20:]) + b"\0\0",
        "deflate": zlib.compress(PAGE),
        "DEFLATE": zlib.compress(PAGE),
        "raw": bare.compress(PAGE) + bare.flush(),
        "identity": PAGE,
    }[encoding]
    said = "deflate" if encoding == "raw" else encoding

    text = await fetch(tools, server.page("/", packed, "text/html", f"Content-Encoding: {said}"))

    assert "All cats" in text


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
async def test_unknown_packing_is_told(tools: HttpTools, server: Server, encoding: str) -> None:
    url = server.page("/", b"x", "text/html", f"Content-Encoding: {encoding}")

    with pytest.raises(ToolFailed, match="not asked for"):
        await fetch(tools, url)


async def test_chunks_and_close_frame_a_body_too(tools: HttpTools, server: Server) -> None:
    chunks = b"5;name=x\r\n<p>he\r\n3\r\nllo\r\n0\r\nTrailer: x\r\n\r\n"
    chunked = raw("Content-Type: text/html", "Transfer-Encoding: chunked", body=chunks)
    server.pages["/chunked"] = chunked
    closed = raw("Content-Type: text/html", body=b"<p>hello")
    server.pages["/close"] = closed
    server.pages["/old"] = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>hello"
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    server.pages["/early"] = early + closed

    for path in ("/chunked", "/close", "/old", "/early"):
        assert (await fetch(tools, server.base + path)).endswith("\n\nhello"), path


@pytest.mark.parametrize(
    ("status", "transient"),
    [
        (400, False),
        (401, False),
        (403, False),
        (404, False),
        (408, True),
        (410, False),
        (429, True),
        (500, True),
        (502, True),
        (503, True),
        (599, True),
        (304, False),
    ],
)
async def test_refusal_is_told_in_our_words(
    tools: HttpTools, server: Server, status: int, transient: bool
) -> None:
    server.pages["/"] = raw("Content-Length: 6", status=status, body=b"obey me")

    with pytest.raises(ToolFailed, match=f"the server answered HTTP {status}") as failed:
        await fetch(tools, server.base)

    assert failed.value.transient is transient
    assert "Whatever" not in str(failed.value)
    assert "obey" not in str(failed.value)


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("application/pdf", "This is application/pdf, of 12.3 kB; only text can be read."),
        ("image/svg+xml", "This is image/svg+xml, of 12.3 kB"),
        ("video/mp4; codecs=x", "This is video/mp4, of 12.3 kB"),
        ("application/octet-stream", "This is application/octet-stream"),
    ],
)
async def test_what_is_no_text_is_named_and_not_read(
    tools: HttpTools, server: Server, content_type: str, said: str
) -> None:
    async def head_only(writer: asyncio.StreamWriter) -> None:
        writer.write(raw(f"Content-Type: {content_type}", "Content-Length: 12345"))
        await writer.drain()
        await held.wait()

    held = asyncio.Event()
    server.pages["/"] = head_only

    assert said in await fetch(tools, server.base)
    held.set()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"plain words", "plain words"),
        (b"<!doctype html><title>T</title><p>words", "Title: T\n\nwords"),
        (b"\x7fELF\0\0\0", "data of no stated kind"),
        ("größer".encode("utf-16"), "größer"),
        (b"", "There is no text on this page."),
    ],
)
async def test_type_that_is_not_stated_is_guessed(
    tools: HttpTools, server: Server, body: bytes, text: str
) -> None:
    server.pages["/"] = raw(f"Content-Length: {len(body)}", body=body)

    assert text in await fetch(tools, server.base)


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/html; charset=iso-8859-1", "<p>größer €".encode("cp1252"), "größer €"),
        ("text/html; charset='UTF-8'", "<p>größer".encode(), "größer"),
        ("text/html", '<meta charset="windows-1251"><p>кот'.encode("cp1251"), "кот"),
        (
            "text/html",
            b'<meta http-equiv=Content-Type content="text/html; charset=shift_jis">'
            + "<p>猫".encode("cp932"),
            "猫",
        ),
        ("text/xml", '<?xml version="1.0" encoding="koi8-r"?><a>кот</a>'.encode("koi8-r"), "кот"),
        ("text/html; charset=iso-8859-1", b"\xef\xbb\xbf<p>gr\xc3\xb6\xc3\x9fer", "größer"),
        ("text/html; charset=nonsense", "<p>größer".encode(), "größer"),
        ("text/html; charset=rot13", b"<p>abc", "abc"),
        ("text/html; charset=zlib", b"<p>abc", "abc"),
        ("text/html", '<meta charset="utf-16"><p>größer'.encode(), "größer"),
        ("text/plain", b"caf\xe9 broken", "caf� broken"),
    ],
)
async def test_characters_are_read_as_meant(
    tools: HttpTools, server: Server, content_type: str, body: bytes, text: str
) -> None:
    assert (await fetch(tools, server.page("/", body, content_type))).endswith(f"\n\n{text}") or (
        "xml" in content_type
    )
    assert text in await fetch(tools, server.base)


async def test_json_is_laid_out(tools: HttpTools, server: Server) -> None:
    url = server.page("/", b'{"a":[1,2],"b":"\xc3\xbc"}', "application/json")

    assert (await fetch(tools, url)).endswith('\n\n{\n  "a": [\n    1,\n    2\n  ],\n  "b": "ü"\n}')


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a": NaN}', b"not json", b'{"a": 1} {"b": 2}'])
async def test_what_is_said_to_be_json_is_read_anyway(
    tools: HttpTools, server: Server, body: bytes
) -> None:
    text = await fetch(tools, server.page("/", body, "application/problem+json"))

    assert body[:10].decode() in text


async def test_long_page_is_cut_and_says_so(tools: HttpTools, server: Server) -> None:
    url = server.page("/", b"<p>" + b"word " * 100_000)

    text = await fetch(tools, url)

    assert len(text) <= reaching().settings.tools.max_output_characters
    assert text.endswith("[There is more; this is the beginning, 14,400 characters at the most.]")


async def test_page_over_the_limit_is_read_up_to_it(tools: HttpTools, server: Server) -> None:
    url = server.page("/", b"<p>" + b" " * 5_000 + b"beginning" + b" " * 20_000 + b"end")

    text = await fetch(tools, url, reaching(max_bytes=10_000))

    assert "beginning" in text
    assert "end" not in text.replace("beginning", "")
    assert text.endswith("[There is more; 10.0 kB were read.]")


async def test_second_address_is_tried(server: Server) -> None:
    server.page("/", PAGE)
    tools = HttpTools(lookup=lookup_of({"two.test": ["127.0.0.3", server.host]}))

    text = await fetch(tools, f"http://two.test:{server.port}/", reaching("127.0.0.0/8"))

    assert "All cats" in text
    await tools.close()


async def test_many_pages_at_once(tools: HttpTools, server: Server) -> None:
    url = server.page("/", PAGE)

    texts = await asyncio.gather(*(fetch(tools, url) for _ in range(100)))

    assert all("All cats" in text for text in texts)


async def test_odd_headers_are_no_obstacle(tools: HttpTools, server: Server) -> None:
    body = b"<p>fine"
    lines = [
        b"HTTP/1.1 200",
        b"Content-Type:text/html",
        b"X-Latin: caf\xe9",
        b'Set-Cookie: a="b;c=\xff;[]{}=@',
        b"set-cookie: ;;;",
        b"Content-Length: 7",
    ]
    server.pages["/"] = b"\r\n".join([*lines, b"", body])

    assert "fine" in await fetch(tools, server.base)


def test_tool_is_described_for_model_and_gate() -> None:
    (tool,) = HttpTools().tools

    assert tool.spec.name == "http_fetch"
    assert (tool.traits.effect, tool.traits.outbound, tool.traits.untrusted) == (
        Effect.READ,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.ORG/a?b", "https://example.org:443"),
        ("http://bücher.example:8080/", "http://xn--bcher-kva.example:8080"),
        ("http://[2001:DB8:0::1]/", "http://[2001:db8::1]:80"),
        ("nonsense", "nonsense"),
    ],
)
def test_permission_covers_an_origin(url: str, origin: str) -> None:
    (tool,) = HttpTools().tools

    assert tool.scope(tool.check(f'{{"url": "{url}"}}')) == origin
