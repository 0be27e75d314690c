"""What every agenda store must do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from minibot.core.errors import StaleEntry, StorageUnavailable
from minibot.core.jobs import Job
from minibot.core.ports import AgendaStore
from tests.adapters.storage.agenda.samples import (
    AgendaHome,
    FileHome,
    InMemoryHome,
    SqliteHome,
    a_job,
    a_task,
    by_id,
    changed,
)


@pytest.fixture(params=[FileHome, SqliteHome, InMemoryHome])
def agenda_home(request: pytest.FixtureRequest, tmp_path: Path) -> AgendaHome:
    made: AgendaHome = request.param(tmp_path)
    return made


@pytest.fixture
async def store(agenda_home: AgendaHome) -> AsyncIterator[AgendaStore]:
    async with agenda_home.open() as opened:
        await opened.load()
        yield opened


@pytest.fixture
async def other(agenda_home: AgendaHome, store: AgendaStore) -> AsyncIterator[AgendaStore]:
    """The same agenda in another process."""
    async with agenda_home.open() as opened:
        await opened.load()
        yield opened


async def test_new_one_is_empty(agenda_home: AgendaHome) -> None:
    async with agenda_home.open() as store:
        assert await store.load() == []
        assert await store.refresh() == ([], [])


async def test_next_process_finds_what_was_written(agenda_home: AgendaHome) -> None:
    async with agenda_home.open() as store:
        await store.load()
        await store.write([a_job("j"), a_task("t")])
        await store.write([changed(a_job("j"))])

    async with agenda_home.open() as store:
        assert by_id(await store.load()) == {"j": changed(a_job("j")), "t": a_task("t")}


async def test_next_process_does_not_find_what_was_forgotten(agenda_home: AgendaHome) -> None:
    async with agenda_home.open() as store:
        await store.load()
        await store.write([a_job("a"), a_job("b"), a_task("c")])
        await store.write([], forget=["a", "nobody"])
        await store.write([changed(a_job("b"))], forget=["c"])

    async with agenda_home.open() as store:
        assert await store.load() == [changed(a_job("b"))]


async def test_writing_nothing_changes_nothing(store: AgendaStore, other: AgendaStore) -> None:
    await store.write([])
    await store.write([], forget=["nobody"])

    assert await other.refresh() == ([], [])


@pytest.mark.parametrize("version", [0, 1, 3])
async def test_version_that_is_not_the_next_is_stale(store: AgendaStore, version: int) -> None:
    await store.write([a_job()])

    with pytest.raises(StaleEntry, match="j"):
        await store.write([replace(a_job(), version=version)])

    await store.write([replace(a_job(), version=2)])


async def test_new_entry_begins_with_version_1(store: AgendaStore) -> None:
    with pytest.raises(StaleEntry):
        await store.write([changed(a_job())])

    assert await store.load() == []


async def test_forgotten_id_begins_anew(store: AgendaStore) -> None:
    await store.write([a_job()])
    await store.write([], forget=["j"])

    with pytest.raises(StaleEntry):
        await store.write([changed(a_job())])
    await store.write([a_job(text="another")])

    assert await store.load() == [a_job(text="another")]


async def test_stale_entry_keeps_all_else_from_being_written(store: AgendaStore) -> None:
    await store.write([a_job("a"), a_job("b")])

    with pytest.raises(StaleEntry):
        await store.write([a_job("c"), changed(a_job("a"), times=2)], forget=["b"])

    assert by_id(await store.load()) == {"a": a_job("a"), "b": a_job("b")}


async def test_one_of_many_that_is_stale_fails_alone(store: AgendaStore) -> None:
    await store.write([a_job("old")])

    results = await asyncio.gather(
        *(store.write([a_job(f"new-{number}")]) for number in range(5)),
        store.write([a_job("lost"), a_job("old")]),
        *(store.write([a_job(f"new-{number}")]) for number in range(5, 10)),
        return_exceptions=True,
    )

    assert [type(each) for each in results if each is not None] == [StaleEntry]
    expected = {"old", *(f"new-{number}" for number in range(10))}
    assert by_id(await store.load()).keys() == expected


async def test_writes_at_the_same_time_follow_upon_each_other(store: AgendaStore) -> None:
    await asyncio.gather(
        store.write([a_job()]),
        store.write([changed(a_job())]),
        store.write([], forget=["j"]),
        store.write([a_job(text="another")]),
    )

    assert await store.load() == [a_job(text="another")]


async def test_what_one_writes_itself_is_no_news(store: AgendaStore) -> None:
    await store.write([a_job("a"), a_job("b")])
    await store.write([changed(a_job("a"))], forget=["b"])

    assert await store.refresh() == ([], [])


async def test_news_of_others_are_told_once(store: AgendaStore, other: AgendaStore) -> None:
    await store.write([a_job("a"), a_job("b"), a_job("c")])
    assert by_id((await other.refresh())[0]).keys() == {"a", "b", "c"}

    await other.write([changed(a_job("a")), a_task("t")], forget=["b"])
    entries, forgotten = await store.refresh()

    assert by_id(entries) == {"a": changed(a_job("a")), "t": a_task("t")}
    assert forgotten == ["b"]
    assert await store.refresh() == ([], [])
    assert await other.refresh() == ([], [])


async def test_news_are_told_between_ones_own_writes(
    store: AgendaStore, other: AgendaStore
) -> None:
    await store.write([a_job("a")])
    await other.write([a_job("b")])
    await store.write([a_job("c")])
    await other.write([a_job("d")])

    entries, _ = await store.refresh()

    assert by_id(entries).keys() == {"b", "d"}


async def test_stale_writer_learns_what_changed(store: AgendaStore, other: AgendaStore) -> None:
    await store.write([a_job()])
    await other.refresh()
    await other.write([changed(a_job(), "theirs")])

    with pytest.raises(StaleEntry):
        await store.write([changed(a_job(), "mine")])
    (theirs,), _ = await store.refresh()
    assert isinstance(theirs, Job)
    await store.write([changed(theirs, "mine")])

    assert theirs.text == "theirs"
    assert await other.refresh() == ([changed(theirs, "mine")], [])


async def test_what_others_forgot_is_stale(store: AgendaStore, other: AgendaStore) -> None:
    await store.write([a_job()])
    await other.write([], forget=["j"])

    with pytest.raises(StaleEntry):
        await store.write([changed(a_job())])

    assert await store.refresh() == ([], ["j"])


async def test_compacting_keeps_what_counts(store: AgendaStore, other: AgendaStore) -> None:
    await store.write([a_job(f"j{number}") for number in range(1000)])
    await store.write([changed(a_job(f"j{number}")) for number in range(300)])
    await store.write([], forget=[f"j{number}" for number in range(200)])

    await store.compact()

    expected = {f"j{number}": changed(a_job(f"j{number}")) for number in range(200, 300)}
    expected |= {f"j{number}": a_job(f"j{number}") for number in range(300, 1000)}
    assert by_id(await other.load()) == expected
    assert by_id(await store.load()) == expected
    await store.write([changed(a_job("j250"), times=2)])
    await other.refresh()
    await other.write([changed(a_job("j250"), times=3)])


async def test_news_survive_that_others_compact(store: AgendaStore, other: AgendaStore) -> None:
    await store.write([a_job("a"), a_job("b"), a_job("c")])
    await other.refresh()
    await store.write([changed(a_job("a")), a_job("d")], forget=["b"])
    await store.compact()
    await store.write([a_job("e")])

    entries, forgotten = await other.refresh()

    assert by_id(entries) == {"a": changed(a_job("a")), "d": a_job("d"), "e": a_job("e")}
    assert forgotten == ["b"]
    assert await other.refresh() == ([], [])
    assert await store.refresh() == ([], [])


async def test_one_may_write_after_others_compacted(store: AgendaStore, other: AgendaStore) -> None:
    await store.write([a_job("a")])
    await other.refresh()
    await store.compact()

    await other.write([changed(a_job("a"))])

    assert await store.refresh() == ([changed(a_job("a"))], [])


async def test_moment_without_a_zone_is_refused_alone(store: AgendaStore) -> None:
    naive = replace(a_job("naive"), due=datetime(2026, 1, 1))

    results = await asyncio.gather(
        store.write([a_job("a")]),
        store.write([a_job("b"), naive]),
        store.write([a_job("c")]),
        return_exceptions=True,
    )

    assert [type(each) for each in results if each is not None] == [ValueError]
    assert by_id(await store.load()).keys() == {"a", "c"}


async def test_text_that_utf_8_cannot_carry_is_mended(store: AgendaStore) -> None:
    await store.write([a_job(text="half \ud83d, whole \ud83d\ude00")])

    assert await store.load() == [a_job(text="half \ufffd, whole \U0001f600")]


async def test_cancelled_write_is_news_if_it_was_written(
    store: AgendaStore, other: AgendaStore
) -> None:
    known: set[str] = set()
    for turns in range(12):
        writing = asyncio.create_task(store.write([a_job(f"j{turns}")]))
        for _ in range(turns):
            await asyncio.sleep(0)
        writing.cancel()
        if not (await asyncio.gather(writing, return_exceptions=True))[0]:
            known.add(f"j{turns}")
    await store.write([a_job("last")])

    entries, _ = await store.refresh()

    assert known | by_id(entries).keys() | {"last"} == by_id(await other.load()).keys()
    assert await store.refresh() == ([], [])


async def test_cancelled_look_loses_no_news(store: AgendaStore, other: AgendaStore) -> None:
    told: list[str] = []
    for turns in range(8):
        await other.write([a_job(f"j{turns}")])
        looking = asyncio.create_task(store.refresh())
        for _ in range(turns):
            await asyncio.sleep(0)
        looking.cancel()
        (found,) = await asyncio.gather(looking, return_exceptions=True)
        if not isinstance(found, BaseException):
            told += [entry.id for entry in found[0]]

    entries, _ = await store.refresh()

    assert sorted([*told, *by_id(entries)]) == [f"j{turns}" for turns in range(8)]


async def test_look_that_was_cancelled_does_not_hide_what_came_later(
    store: AgendaStore, other: AgendaStore
) -> None:
    await other.write([a_job("early")])
    looking = asyncio.create_task(store.refresh())
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    told = [] if looking.cancelled() else looking.result()[0]
    await other.write([a_job("late")])

    entries, _ = await store.refresh()

    assert by_id([*told, *entries]) == {"early": a_job("early"), "late": a_job("late")}


async def test_closed_one_refuses(store: AgendaStore) -> None:
    await store.close()

    for refused in (store.load(), store.write([a_job()]), store.refresh()):
        with pytest.raises(StorageUnavailable):
            await refused


async def test_closing_waits_for_what_is_being_written(agenda_home: AgendaHome) -> None:
    async with agenda_home.open() as store:
        await store.load()
        writing = asyncio.gather(*(store.write([a_job(f"j{number}")]) for number in range(20)))
        await asyncio.sleep(0)
        await store.close()
        await writing

    async with agenda_home.open() as store:
        assert len(await store.load()) == 20
