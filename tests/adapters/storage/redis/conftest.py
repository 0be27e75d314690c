"""A corner of a Redis server for every test."""

from collections.abc import Iterator

import pytest

from tests.contracts.redis_server import OwnRedis, RedisCorner, own_redis, redis_corner
from tests.fakes import FakeClock


@pytest.fixture
def corner() -> Iterator[RedisCorner]:
    """Keys of a test's own in the server that is there."""
    with redis_corner() as made:
        yield made


@pytest.fixture
def server() -> Iterator[OwnRedis]:
    """A server of a test's own."""
    with own_redis() as started:
        yield started


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
