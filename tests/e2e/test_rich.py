"""Rich messages, long answers and long captions, as a person finds them in the chat."""

from pathlib import Path
from signal import Signals

from tests.e2e.process import Installation, Minibot, Sections
from tests.e2e.serving import OWNER, serving, until
from tests.e2e.talking import Talk, call, play, put_in_force
from tests.peers.telegram.faults import Fault
from tests.peers.telegram.wire import Json

GROUP = -1001
RICH, PLAIN, FILE = "sendRichMessage", "sendMessage", "sendDocument"
TABLE = "## Prices\n\n| Fruit | Price |\n|---|--:|\n| apple | $2 |\n| pear | **3** |\n\n- [x] $x^2$"
REFUSED = "Rich messages are not taken here"
LONG = "# A long story\n\n" + "\n\n".join(
    f"Paragraph {number} begins. " + f"word{number} " * 120 for number in range(60)
)


async def started(installation: Installation) -> Minibot:
    minibot = await installation.start()
    await minibot.listening()
    return minibot


def told(talk: Talk, *methods: str) -> list[tuple[str, str]]:
    """Give what a chat was told: the method and the first words."""
    return [
        (event["method"], event["text"][:20])
        for event in talk.told()
        if event["method"] in (methods or (RICH, PLAIN, FILE))
    ]


def message(talk: Talk, event: Json) -> Json:
    """Give a message as people see it."""
    return talk.telegram.default_bot.messages[talk.chat, int(event["message_id"])]


async def test_table_arrives_as_one_in_the_chat_that_chose_so(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        play(installation, "prices", TABLE)
        minibot = await started(installation)
        talk, other = Talk(installation, OWNER), Talk(installation, OWNER + 1)
        await talk.ask("/rich on", "Rich messages in this chat")
        assert await minibot.stop() == 0
        minibot = await started(installation)

        talk.look_from_here()
        talk.say("prices?")
        (event,) = await talk.shown("apple", method=RICH)
        heading, table, tasks = message(talk, event)["rich_message"]["blocks"]
        assert (heading["text"], heading["size"]) == ("Prices", 2)
        rows = [[cell["text"] for cell in row] for row in table["cells"]]
        assert rows[:2] == [["Fruit", "Price"], ["apple", "$2"]]
        assert tasks["items"][0]["is_checked"] is True
        assert tasks["items"][0]["blocks"][0]["text"]["expression"] == "x^2"
        assert told(talk) == [(RICH, event["text"][:20])], "and nothing else"

        await talk.ask("good day", "good day")
        await other.ask("prices?", "apple |    $2")
        assert [method for method, _ in told(other)] == [PLAIN]
        assert minibot.accidents() == []


async def test_rich_answer_takes_the_place_of_its_preview(tmp_path: Path) -> None:
    here: Sections = {
        "channels.telegram": {"allowed_chat_ids": [GROUP]},
        "streaming": {"transport": "edit"},
    }
    async with serving(tmp_path, sections=here) as installation:
        play(installation, "prices", TABLE)
        installation.model.rules[-1].tokens_per_s = 20
        await started(installation)
        talk = Talk(installation, OWNER, GROUP)
        await talk.ask("/rich on", "Rich messages in this chat")
        talk.look_from_here()
        talk.say("prices?")
        await until(lambda: "rich_message" in str(installation.telegram.default_bot.messages))

        (first,) = (event for event in talk.told() if event["method"] == PLAIN)
        blocks = message(talk, first)["rich_message"]["blocks"]
        assert [block["type"] for block in blocks] == ["heading", "table", "list"]


async def test_where_they_are_not_known_it_is_plain_and_told_once_for_good(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        play(installation, "prices", TABLE)
        minibot = await started(installation)
        talk = Talk(installation, OWNER)
        await talk.ask("/rich on", "Rich messages in this chat", user={"language_code": "en"})
        installation.telegram.rich_messages = False
        talk.look_from_here()
        talk.say("prices?")
        await talk.shown(REFUSED)
        assert [text.split("\n")[0] for _, text in told(talk)] == ["Prices", REFUSED[:20]]

        assert await minibot.stop() == 0
        installation.telegram.rich_messages = True
        minibot = await started(installation)
        await talk.ask("prices?", "apple |    $2")
        assert [method for method, _ in told(talk)] == [PLAIN]
        await talk.ask("/rich", "Rich messages in this chat: off")
        assert minibot.accidents() == []


async def test_killed_behind_the_refusal_it_is_said_once_and_in_order(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        play(installation, "prices", TABLE)
        minibot = await started(installation)
        talk = Talk(installation, OWNER)
        await talk.ask("/rich on", "Rich messages in this chat")
        telegram = installation.telegram
        telegram.rich_messages = False
        telegram.faults.append(Fault(kind="hang", method=f"^{PLAIN}$", times=1))
        talk.look_from_here()
        talk.say("prices?")
        await until(lambda: "switched off" in minibot.log)
        await until(lambda: telegram.faults[0].hits)
        talk.say("good day")
        await until(lambda: installation.model.records[-1]["user_text"] == "good day")
        await minibot.stop(Signals.SIGKILL)

        await started(installation)
        await talk.shown("good day")
        await talk.shown(REFUSED)
        heard = [text.split("\n")[0] for _, text in told(talk)]
        assert sorted(heard) == sorted(["Prices", REFUSED[:20], heard[-1]])
        assert heard[0] == "Prices"
        refused = [e for e in telegram.events if e["dir"] == "error" and e["method"] == RICH]
        assert len(refused) == 1


async def test_very_long_answer_is_a_file_behind_its_beginning(tmp_path: Path) -> None:
    async with serving(tmp_path) as installation:
        remember = call("note_save", title="Story", data="told")
        play(installation, "story", remember, LONG)
        minibot = await started(installation)
        talk = Talk(installation, OWNER)
        talk.say("a story")
        (event,) = await talk.shown("The whole answer", method=FILE)

        assert [method for method, _ in told(talk)] == [PLAIN, FILE]
        assert talk.told()[-2]["text"].startswith("A long story\n\nParagraph 0 begins.")
        assert "Story" in event["text"], "what was changed is seen without opening the file"
        (file,) = talk.telegram.sent_files(OWNER)
        assert (file.name, file.mime_type) == ("a-long-story.md", "text/markdown")
        assert LONG in file.data.decode()
        assert installation.telegram.buttons(OWNER) == [["↩️ Undo"]]
        assert minibot.accidents() == []

        await put_in_force(installation, {"channels.telegram": {"long_answer_parts": 0}})
        talk.look_from_here()
        play(installation, "again", LONG)
        talk.say("again")
        await talk.shown("Paragraph 59")
        assert {method for method, _ in told(talk)} == {PLAIN}


async def test_caption_too_long_for_its_file_goes_on_behind_it(tmp_path: Path) -> None:
    caption = " ".join(f"😀{number}" for number in range(200))
    async with serving(tmp_path) as installation:
        write = call("file_write", path="a.txt", text="some words")
        play(installation, "send", write, call("send_file", path="a.txt", caption=caption), "here")
        await started(installation)
        talk = Talk(installation, OWNER)
        talk.say("send it")
        await talk.shown("😀199")

        sent = [event for event in talk.told() if event["method"] in (PLAIN, FILE)]
        under, behind = sent[-2:]
        assert [under["method"], behind["method"]] == [FILE, PLAIN]
        assert f"{under['text']} {behind['text']}" == caption
