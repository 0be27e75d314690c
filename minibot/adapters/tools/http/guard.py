"""Decides which machines a page may be read from.

A name is looked up once; every address it has must be allowed, and exactly the addresses found
allowed are the ones connected to. So a name that changes its mind between the check and the
connection changes nothing.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from minibot.adapters.tools.http.address import WebAddress
from minibot.core.errors import ToolFailed

IpAddress = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

Lookup = Callable[[str, int], Awaitable[Sequence[IpAddress]]]
"""Give all addresses of a host. Raises `OSError` when it has none."""

PUBLIC_PORTS = frozenset({80, 443})
"""What listens elsewhere on the internet is seldom a page and often somebody's back door."""

METADATA_NAMES = frozenset(
    {
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "instance-data",
        "instance-data.ec2.internal",
    }
)
METADATA_ADDRESSES = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # nearly every cloud
            "169.254.170.2",  # AWS, credentials of a task
            "169.254.170.23",  # AWS, credentials of a pod
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure; routable by its looks
            "192.0.0.192",  # Oracle
            "fd00:ec2::254",  # AWS
            "fd00:ec2::23",  # AWS, credentials of a pod
            "fd20:ce::254",  # Google
        ),
    )
)
"""They hand out the credentials of the machine to whoever asks; no network makes them allowed."""

_UNICAST = IPv6Network("2000::/3")
"""All that was ever given to anybody; the rest of IPv6 is for special purposes."""
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_COMPATIBLE = IPv6Network("::/96")
_NOT_PUBLIC = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # shared inside providers
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, given up
    IPv4Network("224.0.0.0/3"),  # multicast, reserved, broadcast
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("3fff::/20"),  # documentation
)

_REFUSED = (
    "this address is not on the public internet, and is not read. Whoever runs minibot can allow "
    "its network with tools.http_client.allowed_private_networks"
)


class SystemLookup:
    """Asks the machine's own resolver, which reads the odd ways to write IPv4 as well."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads

    async def __call__(self, host: str, port: int) -> Sequence[IpAddress]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads,
            lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM),
        )
        return [ip_address(each[4][0]) for each in found]


async def vet(address: WebAddress, allowed: Sequence[Network], lookup: Lookup) -> list[IpAddress]:
    """Give the IP addresses to connect to. Raises `ToolFailed` if a single one is not allowed.

    Args:
        allowed: networks outside the public internet that may be read, on any port.
    """
    if address.host in METADATA_NAMES:
        raise ToolFailed(_REFUSED)
    found = await _addresses_of(address, lookup)
    for each in found:
        if not (is_public(each) or is_in(each, allowed)):
            raise ToolFailed(_REFUSED)
    if address.port not in PUBLIC_PORTS and not all(is_in(each, allowed) for each in found):
        raise ToolFailed("on the public internet only the ports 80 and 443 are read")
    return found


def is_public(address: IpAddress) -> bool:
    """Say whether an address, and every one hidden inside it, is somebody's on the internet."""
    return all(map(_is_plainly_public, _layers(address)))


def is_in(address: IpAddress, networks: Sequence[Network]) -> bool:
    """Say whether an address lies in one of these networks, however it is wrapped."""
    layers = list(_layers(address))
    if any(each in METADATA_ADDRESSES for each in layers):
        return False
    return any(layers[-1] in network for network in networks)


async def _addresses_of(address: WebAddress, lookup: Lookup) -> list[IpAddress]:
    try:
        return [ip_address(address.host)]
    except ValueError:
        pass  # a name, or a number that only a resolver reads
    try:
        found = await lookup(address.host, address.port)
    except (OSError, UnicodeError):
        found = ()
    if not found:
        raise ToolFailed("no server of this name can be found at the moment", transient=True)
    return list(dict.fromkeys(found))


def _layers(address: IpAddress) -> Iterator[IpAddress]:
    """Give an address and the IPv4 address that it carries, the innermost last."""
    if isinstance(address, IPv4Address):
        yield address
        return
    inner = _carried(address)
    if address.ipv4_mapped is None:  # a mapped one is nothing but the address in it
        yield address
    if inner is not None:
        yield inner


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _SIX_TO_FOUR:
        return address.sixtofour
    if address in _TEREDO and address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _is_plainly_public(address: IpAddress) -> bool:
    if address in METADATA_ADDRESSES or any(address in network for network in _NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address):
        if address in _NAT64 or address in _SIX_TO_FOUR:
            return True  # a wrapping; what is in it is looked at by itself
        return address in _UNICAST and address.is_global
    return address.is_global
