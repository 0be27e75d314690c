"""Addresses of web pages, in the one form in which they are vetted, asked for and shown."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address
from unicodedata import normalize
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from minibot.core.errors import ToolFailed

MAX_LENGTH = 4_096
"""Characters of an address; browsers and servers stop somewhere above."""

DEFAULT_PORTS = {"http": 80, "https": 443}

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
"""A parser that drops or bends one of these sees another address than the next parser."""

_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_MAX_HOST = 253


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """Where a page is."""

    scheme: str
    host: str
    """A name in ASCII without a dot behind, or an IP address without brackets."""
    port: int
    target: str
    """Path and query, in ASCII."""

    @property
    def authority(self) -> str:
        """What a request names as its host; the port is left out where it goes without saying."""
        default = self.port == DEFAULT_PORTS[self.scheme]
        return self._bracketed if default else f"{self._bracketed}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self._bracketed}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def follow(self, location: str) -> "WebAddress":
        """Give where a redirect leads. Raises `ToolFailed`."""
        try:
            joined = urljoin(self.url, location.strip())
        except ValueError:
            raise ToolFailed("the page redirects to something that is no address") from None
        following = parse_address(joined)
        if self.scheme == "https" and following.scheme == "http":
            raise ToolFailed("the page redirects from https to http, which is not followed")
        return following


def parse_address(text: str) -> WebAddress:
    """Read an address as people and models write it.

    Raises:
        ToolFailed: it is none, or leads elsewhere than to a web page. The words do not repeat
            it, because a redirect may have brought it.
    """
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise ToolFailed(f"the address is longer than {MAX_LENGTH:,} characters")
    if _FORBIDDEN.search(text):
        raise ToolFailed("the address holds a backslash, a line break or another such character")
    scheme, _, rest = text.partition(":")
    scheme = scheme.lower()
    if scheme not in DEFAULT_PORTS or not rest.startswith("//"):
        raise ToolFailed("only web pages can be read: begin the address with https:// or http://")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ToolFailed("the address has no host or port that can be read") from None
    if "@" in parts.netloc:
        raise ToolFailed("leave the user name and password out of the address")
    if port == 0:
        raise ToolFailed("the address names port 0, which does not exist")
    return WebAddress(
        scheme=scheme,
        host=_host_of(parts),
        port=port or DEFAULT_PORTS[scheme],
        target=_target_of(parts),
    )


def origin_of(url: str) -> str:
    """Name the origin that a permission to read `url` covers; the text itself if it has none."""
    try:
        return parse_address(url).origin
    except ToolFailed:
        return url


def _host_of(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        try:
            address = IPv6Address(host)
        except AddressValueError:
            raise ToolFailed("what stands in brackets is no IPv6 address") from None
        if address.scope_id is not None:
            raise ToolFailed("an address with a zone (%) is a neighbour's, and is not read")
        return str(address)
    host = normalize("NFKC", unquote(host)).lower().replace("。", ".").removesuffix(".")
    host = ".".join(_ascii_label(label) for label in host.split("."))
    if len(host) > _MAX_HOST or not _HOST.fullmatch(host):
        raise ToolFailed("the address has no host that can be read")
    return host


def _ascii_label(label: str) -> str:
    """Write a part of an international name as registries do; unprintable ones stay and fail.

    The codec `idna` of the standard library follows rules of 2003, which turn ß into ss.
    """
    if label.isascii() or not label.isprintable():
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def _target_of(parts: SplitResult) -> str:
    # the client drops what follows a semicolon in a path
    path = quote(parts.path or "/", safe="%/:=&~+!$,'@()*[]|")
    query = quote(parts.query, safe="%/:=&?~+!$,;'@()*[]|")
    return f"{path}?{query}" if query else path
