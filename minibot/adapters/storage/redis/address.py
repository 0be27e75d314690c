"""Where the Redis server is, and how it is spoken to."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff

from minibot.core.errors import ConfigurationError, Problem
from minibot.core.settings import RedisMemory

CONNECTIONS = 10
CONNECT_SECONDS = 2.0
REPLY_SECONDS = 3.0
RETRIES = 2
LONGEST_PAUSE_SECONDS = 0.3
_NUMBER_OF_DATABASE = re.compile(r"/?\d{0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is."""

    place: str
    """As people are told it: without user and password."""
    options: dict[str, Any] = field(repr=False)
    """For the client's connections; the password is in here."""


def address_of(settings: RedisMemory) -> Address:
    """Read the address; a password of its own goes before the one in the url.

    Raises:
        ConfigurationError: it cannot be used. The text never quotes it, for it may hold the
            password.
    """
    try:
        parts = urlsplit(settings.url)
        options: dict[str, Any] = {**parse_url(settings.url)}
    except ValueError as error:
        raise _unusable("is no address of a Redis server") from error
    if parts.scheme != "unix" and not _NUMBER_OF_DATABASE.fullmatch(parts.path):
        raise _unusable("must end with the number of a database, such as /0")
    if password := settings.password.get_secret_value():
        options["password"] = password
    return Address(place=_place(options), options=options)


def client_of(address: Address) -> Redis:
    """Make a client that connects when it is first used.

    Raises:
        ConfigurationError: the address has a parameter that no connection takes.
    """
    pool = BlockingConnectionPool(
        **{
            **address.options,
            "max_connections": CONNECTIONS,
            "timeout": CONNECT_SECONDS,
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": REPLY_SECONDS,
            "retry": Retry(
                ExponentialWithJitterBackoff(base=0.05, cap=LONGEST_PAUSE_SECONDS), RETRIES
            ),
            # The newer protocol has nothing for us, and announces itself to the server.
            "protocol": 2,
        }
    )
    if issubclass(pool.connection_class, Connection):
        # The kernel finds out about connections that died quietly. The client's own check asks
        # a server that wants a password again and again, each time from within the last.
        pool.connection_kwargs["socket_keepalive"] = True
    try:
        pool.connection_class(**pool.connection_kwargs)
    except TypeError as error:
        raise _unusable(f"has a parameter no connection takes: {error}") from error
    return Redis(connection_pool=pool)


def _place(options: dict[str, Any]) -> str:
    if "path" in options:
        return str(options["path"])
    host, port = options.get("host", "localhost"), options.get("port", 6379)
    return f"{host}:{port}/{options.get('db', 0)}"


def _unusable(why: str) -> ConfigurationError:
    return ConfigurationError("config.toml", [Problem(key="memory.redis.url", message=why)])
