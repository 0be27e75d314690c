from datetime import timedelta

import pytest

from minibot.adapters.channels.telegram.rendering.markup import render
from minibot.adapters.storage.in_memory.notes import InMemoryNotes
from minibot.adapters.storage.in_memory.rows import Rows
from minibot.adapters.tools.notes import SHOWN_DATA, NoteTools
from minibot.core.errors import ToolArgumentsInvalid, ToolFailed
from minibot.core.messages import Part, Span, SpanKind
from minibot.core.notes import MAX_DATA, MAX_TITLE, Note
from minibot.core.tools import Effect, ToolContext, ToolResult
from tests.adapters.tools.rig import OWNER, call, make_context
from tests.fakes import START, FakeClock, make_chat, make_settings

OTHER = "telegram:7"


class Notebook:
    """The tools of notes by name, and the notes they work on."""

    def __init__(self, *, most: int = 100) -> None:
        self.clock = FakeClock()
        self.notes = InMemoryNotes(Rows(), most=most)
        self.family = NoteTools(self.notes, self.clock)
        self.by_name = {tool.spec.name: tool for tool in self.family.tools}

    async def call(
        self, name: str, context: ToolContext | None = None, **arguments: object
    ) -> ToolResult:
        return await call(self.by_name[name], context, **arguments)

    async def save(self, title: str, data: str) -> ToolResult:
        await self.clock.advance(1)
        return await self.call("note_save", title=title, data=data)

    async def undo(self, result: ToolResult, owner: str = OWNER) -> str:
        assert result.undo is not None
        return await self.family.undo[result.undo.kind](result.undo.payload, owner)

    async def found(self, title: str, owner: str = OWNER) -> str | None:
        note = await self.notes.get(owner, title)
        return None if note is None else note.data


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


async def test_new_note_is_kept_for_the_owner_of_the_context(notebook: Notebook) -> None:
    context = make_context(chat=make_chat("-100", "3"))
    result = await notebook.call("note_save", context, title=" coffee\n time ", data="  at nine ")
    assert result.receipt == "📝 Remembered **coffee time**"
    assert await notebook.notes.get(OWNER, "coffee time") == Note(
        owner=OWNER,
        title="coffee time",
        data="at nine",
        created_at=START,
        updated_at=START,
        source="telegram:-100:3",
    )


async def test_changed_note_says_what_it_said_before(notebook: Notebook) -> None:
    await notebook.save("coffee", "black")
    result = await notebook.save("Coffee", "with milk")
    assert result.receipt == "📝 Changed **Coffee**"
    assert "black" in result.text
    assert await notebook.found("coffee") == "with milk"


async def test_saving_what_is_known_leaves_no_receipt(notebook: Notebook) -> None:
    await notebook.save("coffee", "black")
    result = await notebook.save("coffee", "black")
    assert (result.receipt, result.undo) == ("", None)


async def test_deleted_note_is_gone(notebook: Notebook) -> None:
    await notebook.save("coffee", "black")
    result = await notebook.call("note_delete", title="COFFEE")
    assert result.receipt == "🗑 Forgot **coffee**"
    assert await notebook.found("coffee") is None


async def test_deleting_takes_no_title_that_is_only_near(notebook: Notebook) -> None:
    await notebook.save("grandmother's birthday", "in May")
    with pytest.raises(ToolFailed, match='Did you mean "grandmother\'s birthday"'):
        await notebook.call("note_delete", title="grandmothers birthday")
    assert await notebook.found("grandmother's birthday") == "in May"


async def test_deleting_what_is_not_there_says_so(notebook: Notebook) -> None:
    with pytest.raises(ToolFailed, match="Nothing was deleted"):
        await notebook.call("note_delete", title="coffee")


async def test_saving_is_taken_back(notebook: Notebook) -> None:
    first = await notebook.save("coffee", "black")
    assert await notebook.undo(first) == "coffee is forgotten again"
    assert await notebook.found("coffee") is None


async def test_changing_is_taken_back_whole(notebook: Notebook) -> None:
    await notebook.save("coffee", "black")
    before = await notebook.notes.get(OWNER, "coffee")
    changed = await notebook.save("COFFEE", "with milk")
    assert await notebook.undo(changed) == "coffee is as it was"
    assert await notebook.notes.get(OWNER, "coffee") == before


async def test_deleting_is_taken_back_whole(notebook: Notebook) -> None:
    await notebook.save("coffee", "черный\n☕")
    before = await notebook.notes.get(OWNER, "coffee")
    deleted = await notebook.call("note_delete", title="coffee")
    await notebook.undo(deleted)
    assert await notebook.notes.get(OWNER, "coffee") == before


async def test_what_was_changed_since_is_not_taken_back(notebook: Notebook) -> None:
    first = await notebook.save("coffee", "black")
    second = await notebook.save("coffee", "with milk")
    deleted = await notebook.call("note_delete", title="coffee")
    await notebook.save("coffee", "with oat milk")
    for earlier in (first, second, deleted):
        with pytest.raises(ToolFailed, match="changed since"):
            await notebook.undo(earlier)
    assert await notebook.found("coffee") == "with oat milk"


async def test_note_that_is_gone_is_not_mistaken_for_a_near_one(notebook: Notebook) -> None:
    deleted_later = await notebook.save("grandmother birthday", "in May")
    await notebook.call("note_delete", title="grandmother birthday")
    await notebook.save("grandmothers birthday", "in June")
    with pytest.raises(ToolFailed, match="changed since"):
        await notebook.undo(deleted_later)
    assert await notebook.found("grandmothers birthday") == "in June"


async def test_undo_reaches_the_notes_of_its_owner_only(notebook: Notebook) -> None:
    mine = await notebook.save("coffee", "black")
    with pytest.raises(ToolFailed):
        await notebook.undo(mine, OTHER)
    assert await notebook.found("coffee") == "black"


async def test_no_note_of_somebody_else_is_seen(notebook: Notebook) -> None:
    await notebook.save("coffee", "black")
    stranger = make_context(owner=OTHER)
    assert "black" not in (await notebook.call("note_get", stranger, title="coffee")).text
    assert "coffee" not in (await notebook.call("note_search", stranger, query="")).text
    with pytest.raises(ToolFailed, match="Nothing was deleted"):
        await notebook.call("note_delete", stranger, title="coffee")


async def test_note_is_read_whole_although_its_title_is_mistyped(notebook: Notebook) -> None:
    await notebook.save("shopping list", "milk\neggs " + "x" * 2_000)
    text = (await notebook.call("note_get", title="shoping list")).text
    assert text == "shopping list (saved 2026-03-04):\nmilk\neggs " + "x" * 2_000


async def test_missing_note_leads_to_those_there_are(notebook: Notebook) -> None:
    assert "no notes yet" in (await notebook.call("note_get", title="coffee")).text
    await notebook.save("shopping list", "milk")
    assert '"shopping list"' in (await notebook.call("note_get", title="coffee")).text


async def test_search_shows_pages_of_short_lines(notebook: Notebook) -> None:
    for number in range(5):
        await notebook.save(f"note {number}", f"tea {number}\n" + "x" * 2_000)
    text = (await notebook.call("note_search", query="tea", limit=2, offset=2)).text
    head, *lines, more = text.split("\n")
    assert head == "Notes 3 to 4 of 5:"
    assert [len(line) < SHOWN_DATA + 50 for line in lines] == [True, True]
    assert more == "More with offset 4."


@pytest.mark.parametrize(("asked", "shown"), [(None, 2), (1, 1), (3, 3), (50, 4)])
async def test_limits_are_those_of_the_settings(
    notebook: Notebook, asked: int | None, shown: int
) -> None:
    for number in range(6):
        await notebook.save(f"note {number}", "tea")
    limits = {"default_limit": 2, "max_limit": 4}
    context = make_context(settings=make_settings(tools={"kv_memory": limits}))
    result = await notebook.call("note_search", context, query="", limit=asked)
    assert result.text.count("\n- ") == shown


async def test_search_without_results_says_so(notebook: Notebook) -> None:
    assert (await notebook.call("note_search", query="tea")).text == "Nothing was found."
    await notebook.save("tea", "green")
    assert "only 1" in (await notebook.call("note_search", query="tea", offset=3)).text


@pytest.mark.parametrize(
    ("title", "data", "said"),
    [
        (" ", "x", '"title": must not be empty'),
        ("x", "\n", '"data": must not be empty'),
        ("x" * (MAX_TITLE + 1), "x", "at most 200 characters"),
        ("x", "x" * (MAX_DATA + 1), "at most 20000 characters"),
    ],
)
async def test_notes_that_cannot_be_kept_are_refused(
    notebook: Notebook, title: str, data: str, said: str
) -> None:
    with pytest.raises(ToolArgumentsInvalid, match=said):
        await notebook.save(title, data)


async def test_full_notebook_is_told_to_the_model() -> None:
    notebook = Notebook(most=1)
    first = await notebook.save("a", "1")
    with pytest.raises(ToolFailed, match="delete some first"):
        await notebook.save("b", "2")
    await notebook.call("note_delete", title="a")
    await notebook.save("b", "2")
    assert first.undo is not None
    with pytest.raises(ToolFailed, match="changed since"):
        await notebook.undo(first)


@pytest.mark.parametrize(
    "title",
    ["**bold** _it_ `code`", "[x](https://example.com)", "<b>&amp;", "a||b||c", "1. x\\", "$x$ #"],
)
async def test_receipt_shows_a_title_as_it_is(notebook: Notebook, title: str) -> None:
    (part,) = render((await notebook.save(title, "x")).receipt)
    bold = Span(kind=SpanKind.BOLD, offset=len("📝 Remembered ") + 1, length=len(title))
    assert part == Part(text=f"📝 Remembered {title}", spans=(bold,))


async def test_long_title_is_cut_in_its_receipt(notebook: Notebook) -> None:
    receipt = (await notebook.save("x" * MAX_TITLE, "y")).receipt
    assert receipt == f"📝 Remembered **{'x' * 59}…**"


def test_only_saving_and_deleting_write(notebook: Notebook) -> None:
    writing = {
        name for name, tool in notebook.by_name.items() if tool.traits.effect is Effect.WRITE
    }
    assert writing == {"note_save", "note_delete"}


async def test_moments_survive_the_way_through_the_payload(notebook: Notebook) -> None:
    await notebook.clock.advance(0.123456)
    await notebook.call("note_save", title="tea", data="green")
    deleted = await notebook.call("note_delete", title="tea")
    await notebook.undo(deleted)
    note = await notebook.notes.get(OWNER, "tea")
    assert note is not None
    assert note.created_at == START + timedelta(microseconds=123456)
