"""Tools for files: what the model is told, what the person sees, and what is sent."""

import json
from pathlib import Path

import pytest

from minibot.adapters.files.folders import FolderFiles
from minibot.adapters.tools.files import FileTools
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.messages import OutgoingFile
from minibot.core.ports import Tool
from minibot.core.settings import Settings
from minibot.core.tools import Effect, ToolContext, ToolResult, needs_approval
from tests.adapters.tools.rig import OWNER, FixedSettings, call, make_context
from tests.corpora.traversal import REFUSED
from tests.fakes import make_settings


@pytest.fixture
def settings() -> Settings:
    return make_settings(tools={"max_output_characters": 1_000})


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> FolderFiles:
    return FolderFiles(tmp_path, FixedSettings(settings))


@pytest.fixture
def tools(files: FolderFiles) -> FileTools:
    return FileTools(files)


@pytest.fixture
def context(settings: Settings) -> ToolContext:
    return make_context(settings=settings)


def tool(tools: FileTools, name: str) -> Tool:
    return next(each for each in tools.tools if each.spec.name == name)


async def write(tools: FileTools, context: ToolContext, path: str, text: str) -> ToolResult:
    return await call(tool(tools, "file_write"), context, path=path, text=text)


async def read(tools: FileTools, context: ToolContext, path: str) -> str:
    return (await call(tool(tools, "file_read"), context, path=path)).text


def content_of(file: OutgoingFile) -> bytes:
    return Path(file.path).read_bytes()


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def undo(tools: FileTools, result: ToolResult, owner: str = OWNER) -> str:
    assert result.undo is not None
    return await tools.undo[result.undo.kind](result.undo.payload, owner)


async def test_text_is_written_and_read(tools: FileTools, context: ToolContext) -> None:
    result = await write(tools, context, "notes/plan.md", "ü" * 600)

    assert result.text == 'Wrote "notes/plan.md", 1.2 kB.'
    assert result.receipt == r"💾 Wrote **notes\/plan\.md** (1.2 kB)"
    assert await read(tools, context, "notes/plan.md") == "ü" * 600


async def test_name_cannot_format_the_receipt(tools: FileTools, context: ToolContext) -> None:
    result = await write(tools, context, "a**b_[x](y)`.md", "x")

    assert result.receipt == r"💾 Wrote **a\*\*b\_\[x\]\(y\)\`\.md** (1 byte)"


async def test_new_file_is_undone(tools: FileTools, context: ToolContext) -> None:
    result = await write(tools, context, "a/b.md", "x")

    assert await undo(tools, result) == "a/b.md is as it was"

    assert (await call(tool(tools, "file_list"), context)).text == "There are no files here."


async def test_replaced_file_is_undone_with_a_small_payload(
    tools: FileTools, context: ToolContext
) -> None:
    await write(tools, context, "a.md", "before " * 20_000)
    result = await write(tools, context, "a.md", "after")

    assert result.undo is not None
    assert len(result.undo.payload) < 300
    await undo(tools, result)

    assert (await read(tools, context, "a.md")).startswith("before before")


async def test_undo_leaves_later_changes_alone(tools: FileTools, context: ToolContext) -> None:
    first = await write(tools, context, "a.md", "first")
    await write(tools, context, "a.md", "second")

    with pytest.raises(ToolFailed, match="was changed since"):
        await undo(tools, first)

    assert await read(tools, context, "a.md") == "second"


async def test_undo_of_somebody_else_does_nothing(tools: FileTools, context: ToolContext) -> None:
    result = await write(tools, context, "a.md", "x")

    with pytest.raises(ToolFailed):
        await undo(tools, result, "telegram:99")

    assert await read(tools, context, "a.md") == "x"


async def test_owner_comes_from_the_context_only(tools: FileTools, context: ToolContext) -> None:
    await write(tools, context, "a.md", "mine")
    other = make_context(owner="telegram:99", settings=context.settings)

    with pytest.raises(ToolFailed, match='there is no "a.md"'):
        await read(tools, other, "a.md")
    for each in tools.tools:
        with pytest.raises(ToolArgumentsInvalid):
            each.check(json.dumps({"path": "a.md", "text": "x", "owner": OWNER}))


@pytest.mark.parametrize(
    "path", [each for each in REFUSED if each], ids=lambda each: repr(each)[:40]
)
async def test_hostile_path_reaches_nothing(
    tools: FileTools, context: ToolContext, tmp_path: Path, path: str
) -> None:
    for calling in (
        tools.file_write(context, path, "x"),
        tools.file_read(context, path),
        tools.send_file(context, path),
    ):
        with pytest.raises(ToolFailed, match="cannot be used"):
            await calling

    assert files_below(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "is image/png, 10 bytes; only text can be read."),
        (b"\xff\xfe\xff", "is image/png, 3 bytes"),
        (b"", "is empty"),
        ("größer".encode("utf-16"), "größer"),
        ("größer".encode("utf-8-sig"), "größer"),
        ("größer".encode("latin-1"), "only text can be read"),
        (b"text\0more", "only text can be read"),
    ],
)
async def test_only_text_is_read(
    tools: FileTools, files: FolderFiles, context: ToolContext, data: bytes, said: str
) -> None:
    await files.write(OWNER, "a.png", data)

    assert said in await read(tools, context, "a.png")


async def test_long_file_is_cut_and_says_so(tools: FileTools, context: ToolContext) -> None:
    await write(tools, context, "a.md", "x" * 5_000)

    text = await read(tools, context, "a.md")

    assert text == f"{'x' * 900}\n[These are 900 of 5,000 characters.]"


async def test_files_are_listed(tools: FileTools, context: ToolContext) -> None:
    for path in ("b/2", "b/c/3", "a"):
        await write(tools, context, path, "")

    listed = tool(tools, "file_list")

    assert (await call(listed, context)).text == "a\nb/\nb/2\nb/c/\nb/c/3"
    assert (await call(listed, context, path="/")).text == "a\nb/\nb/2\nb/c/\nb/c/3"
    assert (await call(listed, context, path="b/c")).text == "b/c/3"


async def test_long_list_is_cut_and_says_so(
    tools: FileTools, files: FolderFiles, context: ToolContext
) -> None:
    for number in range(100):
        await files.write(OWNER, f"{number:019}", b"")

    lines = (await call(tool(tools, "file_list"), context)).text.split("\n")

    assert lines[44] == f"{44:019}"
    assert lines[45:] == ["[and 55 more; list a folder]"]


async def test_file_is_sent_as_it_was_when_it_was_asked_for(
    tools: FileTools, context: ToolContext
) -> None:
    await write(tools, context, "d/report.csv", "agreed")

    result = await call(
        tool(tools, "send_file"), context, path="d/report.csv", caption=" The **report** "
    )
    await write(tools, context, "d/report.csv", "changed")

    (file,) = result.files
    assert result.text == '"report.csv" will be sent with the answer.'
    assert (file.name, file.mime_type, file.caption) == ("report.csv", "text/csv", "The **report**")
    assert content_of(file) == b"agreed"


async def test_half_a_character_is_not_written(tools: FileTools, context: ToolContext) -> None:
    with pytest.raises((ToolArgumentsInvalid, ToolFailed)):
        await tools.file_write(context, "a.md", "\ud83d")

    assert (await call(tool(tools, "file_list"), context)).text == "There are no files here."


@pytest.mark.parametrize(
    ("name", "effect", "asks", "untrusted"),
    [
        ("file_write", Effect.WRITE, True, False),
        ("file_read", Effect.READ, False, True),
        ("file_list", Effect.READ, False, False),
        ("send_file", Effect.WRITE, True, False),
    ],
)
def test_gate_knows_what_the_tools_do(
    tools: FileTools, name: str, effect: Effect, asks: bool, untrusted: bool
) -> None:
    traits = tool(tools, name).traits

    assert (traits.effect, traits.untrusted) == (effect, untrusted)
    assert needs_approval(traits, tainted=True) is asks
    assert not needs_approval(traits, tainted=False)
