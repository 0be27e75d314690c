"""The process that reads: what breaks it breaks nothing else."""

import asyncio
import os
from pathlib import Path

import pytest

from minibot.adapters.media import own_process, reading
from minibot.adapters.media.reading import ProcessReader
from minibot.adapters.media.sniffing import LONGEST_SIDE
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract
from minibot.core.settings import Media
from tests.adapters.media.samples import (
    docx,
    paragraph,
    pdf,
    pdf_bomb,
    picture,
    sideways_jpeg,
)


async def read(folder: Path, data: bytes, **limits: float) -> Extract:
    path = folder / "stored"
    path.write_bytes(data)
    return await ProcessReader().read(
        str(path), name="x", mime_type="", limits=Media.model_validate(limits)
    )


async def test_text_comes_back_with_its_scope(tmp_path: Path) -> None:
    extract = await read(tmp_path, pdf("Ünlike", "b", "c"), max_pages=1)
    assert extract.scope == "pages 1-1 of 3"
    assert extract.text.startswith("[Page 1]")


async def test_why_it_cannot_be_read_comes_back(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="password"):
        await read(tmp_path, pdf("x", password="y"))


async def test_a_picture_comes_back(tmp_path: Path) -> None:
    extract = await read(tmp_path, sideways_jpeg())
    assert extract.picture.startswith(b"\xff\xd8\xff")
    assert extract.mime_type == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "as_it_is"),
    [
        (picture(800, 600), "image/jpeg"),
        (picture(800, 600, "PNG"), "image/png"),
        (picture(LONGEST_SIDE + 1, 10), ""),
        (picture(10, LONGEST_SIDE + 1, "PNG"), ""),
        (picture(10, 10, "GIF"), ""),
        (sideways_jpeg(), ""),
        (picture(9, 9)[:2] + b"\xff\xe1\0\x1chttp://ns.adobe.com/xap/1.0/" + picture(9, 9)[2:], ""),
    ],
)
async def test_a_plain_picture_is_taken_as_it_is(
    tmp_path: Path, data: bytes, as_it_is: str
) -> None:
    extract = await read(tmp_path, data)
    assert (extract.mime_type if not extract.picture else "") == as_it_is
    assert extract.mime_type


async def test_what_takes_too_long_is_given_up_and_ended(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="longer than 0.01 seconds"):
        await read(tmp_path, pdf("x"), read_seconds=0.01)


async def test_what_needs_too_much_is_given_up(tmp_path: Path) -> None:
    """A few KB that unpack to a gigabyte end in the process's limits, one or the other."""
    with pytest.raises(MediaUnreadable):
        await read(tmp_path, pdf_bomb(1_100), read_seconds=8)


async def test_a_reader_that_dies_is_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WORKER", "no.such.module")
    with pytest.raises(MediaUnreadable, match="damaged"):
        await read(tmp_path, pdf("x"))


async def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="send it again"):
        await ProcessReader().read(str(tmp_path / "gone"), name="x", mime_type="", limits=Media())


async def test_many_are_read_beside_each_other(tmp_path: Path) -> None:
    reader = ProcessReader()
    for number in range(5):
        (tmp_path / f"{number}").write_bytes(docx(paragraph(f"number {number}")))
    found = await asyncio.gather(
        *(
            reader.read(str(tmp_path / f"{number}"), name="x", mime_type="", limits=Media())
            for number in range(5)
        )
    )
    assert [each.text for each in found] == [f"number {number}" for number in range(5)]


async def test_the_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "canary")
    assert "canary" in os.environ.values()
    assert "canary" not in own_process.environment().values()


async def test_one_that_is_cancelled_leaves_no_process(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.write_bytes(pdf_bomb(300))
    task = asyncio.create_task(
        ProcessReader().read(str(path), name="x", mime_type="", limits=Media())
    )
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(children.read_text):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert not await asyncio.to_thread(children.read_text)
