import asyncio

import pytest

from minibot.core import log_context


def test_fields_hold_inside_the_block_only() -> None:
    with log_context.bind(request_id="r1"):
        assert dict(log_context.current()) == {"request_id": "r1"}
    assert dict(log_context.current()) == {}


def test_inner_block_adds_and_overrides() -> None:
    with log_context.bind(request_id="r1", user_id=5):
        with log_context.bind(request_id="r2", job_id="j"):
            assert dict(log_context.current()) == {"request_id": "r2", "user_id": 5, "job_id": "j"}
        assert dict(log_context.current()) == {"request_id": "r1", "user_id": 5}


def test_none_is_left_out_and_keeps_the_outer_value() -> None:
    with log_context.bind(user_id=5), log_context.bind(user_id=None, job_id=None):
        assert dict(log_context.current()) == {"user_id": 5}


def test_fields_are_restored_after_an_error() -> None:
    with pytest.raises(LookupError), log_context.bind(request_id="r1"):
        raise LookupError
    assert dict(log_context.current()) == {}


async def test_tasks_inherit_and_do_not_mix() -> None:
    async def work(number: int) -> tuple[object, object]:
        with log_context.bind(job_id=number):
            await asyncio.sleep(0)
            fields = log_context.current()
            return fields["request_id"], fields["job_id"]

    with log_context.bind(request_id="r1"):
        found = await asyncio.gather(*(work(number) for number in range(20)))
    assert found == [("r1", number) for number in range(20)]
