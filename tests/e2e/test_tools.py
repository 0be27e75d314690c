"""Every tool does its work in the real process, within its limits, as long as it is switched on."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.e2e.process import Installation, Sections
from tests.e2e.serving import OWNER, edit, reads, serving
from tests.e2e.strangers_web import Handler, Web, strangers_web
from tests.e2e.talking import QUESTION, Talk, call, play, put_in_force
from tests.peers.telegram.wire import Json

ALL = {
    "calculate",
    "cancel_job",
    "cancel_task",
    "chat_history_info",
    "chat_history_search",
    "chat_history_trim",
    "create_task",
    "create_tasks",
    "current_time",
    "file_list",
    "file_read",
    "file_write",
    "http_fetch",
    "list_jobs",
    "list_tasks",
    "note_delete",
    "note_get",
    "note_save",
    "note_search",
    "schedule",
    "send_file",
    "update_job",
    "web_search",
}


@asynccontextmanager
async def equipped(
    folder: Path, routes: Mapping[str, Handler] | None = None, sections: Sections | None = None
) -> AsyncIterator[tuple[Installation, Web]]:
    """Run minibot with all tools, and a web of a few pages."""
    async with (
        strangers_web(lambda name: f"News of {name}", routes) as found,
        serving(folder, sections={**found.sections, **(sections or {})}) as installation,
    ):
        minibot = await installation.start()
        await minibot.listening()
        yield installation, found
        assert installation.model.stats()["illegal"] == 0
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


def results(installation: Installation) -> list[str]:
    """Give what the tools gave, as the newest request showed it to the model."""
    messages = installation.model.bodies[-1]["messages"]
    return [message["content"] for message in messages if message["role"] == "tool"]


def offered(installation: Installation) -> set[str]:
    """Give the names of the tools the newest request offered."""
    tools: list[Json] = installation.model.bodies[-1].get("tools", [])
    return {tool["function"]["name"] for tool in tools}


async def test_every_tool_does_its_work(tmp_path: Path) -> None:
    async with equipped(tmp_path) as (installation, found):
        play(
            installation,
            "use them all",
            [call("current_time", timezone="Asia/Tokyo"), call("calculate", expression="2**100")],
            call("note_save", title="Coffee", data="black, no sugar"),
            [call("note_get", title="cofee"), call("note_search", query="sugar")],
            call("note_delete", title="Coffee"),
            call("file_write", path="lists/food.txt", text="bread"),
            [call("file_list"), call("send_file", path="lists/food.txt", caption="*Food*")],
            [call("chat_history_info"), call("chat_history_search", query="nihgtingale")],
            call("chat_history_trim", keep=0),
            [
                call("file_read", path="lists/food.txt"),
                call("http_fetch", url=f"{found.home}/page/Rome"),
                call("web_search", query="Paris"),
            ],
            "That was all.",
        )
        await put_in_force(installation, {"tools": {"max_steps": 20}})
        talk = Talk(installation, OWNER)
        await talk.ask("rid1end I heard a nightingale", "ack1end")
        assert offered(installation) == ALL

        answer = await talk.ask("use them all", "That was all.")

        for result, words in zip(
            results(installation),
            (
                "Asia/Tokyo (UTC+09:00)",
                "1267650600228229401496703205376",
                'Remembered "Coffee".',
                "black, no sugar",
                "Notes 1 to 1 of 1:\n- Coffee",
                'Forgot "Coffee".',
                'Wrote "lists/food.txt", 5 bytes.',
                "lists/\nlists/food.txt",
                '"food.txt" will be sent with the answer.',
                "1 exchanges (2 entries)",
                "I heard a nightingale",
                "Put 2 entries away.",
                "bread",
                "News of Rome",
                f"1. News\n{found.home}/page/Paris\nNews of Paris",
            ),
            strict=True,
        ):
            assert words in result
        await talk.shown("Food", method="sendDocument")
        (sent,) = installation.telegram.sent_files(OWNER)
        assert (sent.name, sent.data, sent.caption) == ("food.txt", b"bread", "Food")
        assert answer["text"].splitlines()[2:] == [
            "1. 📝 Remembered Coffee",
            "2. 🗑 Forgot Coffee",
            "3. 💾 Wrote lists/food.txt (5 bytes)",
            "4. ✂️ Put 2 entries of this conversation away",
        ]


async def test_tools_go_and_come_with_the_settings(tmp_path: Path) -> None:
    async with equipped(tmp_path) as (installation, _):
        talk = Talk(installation, OWNER)
        play(installation, "add up", call("calculate", expression="1+1"), "It is {last_result}")
        await talk.ask("/memory edit Coffee: black", "Remembered")
        switches: list[tuple[Sections, set[str]]] = [
            ({"tools.http_client": {"enabled": False}}, {"http_fetch"}),
            ({"tools.web_search": {"enabled": False}}, {"web_search"}),
            ({"tools.files": {"enabled": False}}, {name for name in ALL if "file" in name}),
            ({"tools.kv_memory": {"enabled": False}}, {name for name in ALL if "note" in name}),
            ({"tools": {"disabled": ["calculate", "current_time"]}}, {"calculate", "current_time"}),
        ]
        left = set(ALL)
        for changes, gone in switches:
            await talk.ask("hello", "Echo")
            assert offered(installation) == left
            await put_in_force(installation, changes)
            left -= gone
        refused = await talk.ask("add up", "It is")
        assert "there is no tool 'calculate'" in refused["text"]
        assert "Coffee" not in json.dumps(installation.model.bodies[-1])
        assert offered(installation) == left

        await put_in_force(
            installation, {"tools": {"disabled": []}, "tools.kv_memory": {"enabled": True}}
        )
        assert (await talk.ask("add up"))["text"] == "It is 2"
        assert "Coffee: black" in json.dumps(installation.model.bodies[-1])


async def test_limits_follow_the_settings(tmp_path: Path) -> None:
    async with equipped(tmp_path) as (installation, found):
        talk = Talk(installation, OWNER)
        for number in range(3):
            await talk.ask(f"/memory edit Note {number}: number {number}", "Remembered")
        play(installation, "list", call("note_search", query=""), "{last_result}")
        play(installation, "write", call("file_write", path="a", text="x" * 2_000), "{last_result}")
        play(installation, "read", call("http_fetch", url=f"{found.home}/page/Rome"), "Over")

        assert "Notes 1 to 3 of 3" in (await talk.ask("list"))["text"]
        assert "2.0 kB" in (await talk.ask("write"))["text"]
        await put_in_force(
            installation,
            {
                "tools": {"max_output_characters": 200},
                "tools.kv_memory": {"default_limit": 1, "max_limit": 2},
                "tools.files": {"max_file_bytes": 1_024},
                "tools.http_client": {"allowed_private_networks": []},
            },
        )
        assert "Notes 1 to 1 of 3" in (await talk.ask("list"))["text"]
        assert "a file may have 1,024 bytes" in (await talk.ask("write"))["text"]
        await talk.ask("read", "Over")
        assert "not on the public internet" in results(installation)[-1]


async def test_a_mistyped_tool_is_refused(tmp_path: Path) -> None:
    async with equipped(tmp_path) as (installation, _):
        talk = Talk(installation, OWNER)
        good = installation.config.read_text()
        await talk.ask("hello", "Echo")
        edit(installation, {"tools": {"disabled": ["http_fech"]}})

        notice = await reads(installation, OWNER, "was refused")
        checked = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "minibot", "check", "--config", str(installation.config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told = (await checked.communicate())[0].decode()
        assert checked.returncode == 2
        for text in (notice["text"], told):
            assert 'there is no tool "http_fech"; did you mean "http_fetch"?' in text
        await talk.ask("hello", "Echo")
        assert offered(installation) == ALL
        installation.config.write_text(good)


async def test_a_tool_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    asked: list[str] = []

    async def silent(request: web.Request) -> web.Response:
        asked.append(request.path)
        await asyncio.Event().wait()
        raise AssertionError

    limits = {"tools": {"timeout_seconds": 0.3, "retry_attempts": 3}}
    async with equipped(tmp_path, {"/silent": silent}, limits) as (installation, found):
        play(installation, "read", call("http_fetch", url=f"{found.home}/silent"), "{last_result}")

        answer = await Talk(installation, OWNER).ask("read", "Error")

        assert "Error: the page was not there after 0.285 s" in answer["text"]
        assert asked == ["/silent"] * 3


async def test_what_may_pass_is_tried_again_and_what_will_not_is_not(tmp_path: Path) -> None:
    asked: list[str] = []

    async def busy(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=503) if len(asked) == 1 else web.Response(text="Here I am.")

    async def gone(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=410)

    async with equipped(tmp_path, {"/busy": busy, "/gone": gone}) as (installation, found):
        both = [call("http_fetch", url=f"{found.home}/{path}") for path in ("busy", "gone")]
        play(installation, "read", both[0], both[1], "Over: {tool_results}")
        edit(installation, {"tools": {"approval_seconds": 30}})
        talk = Talk(installation, OWNER)

        card = await talk.ask("read", QUESTION)
        await talk.press(card, "Once")
        (answer,) = await talk.shown("Over")

        assert "Here I am." in answer["text"]
        assert "Error: the server answered HTTP 410 Gone" in answer["text"]
        assert asked == ["/busy", "/busy", "/gone"]


async def test_calls_of_one_step_run_side_by_side(tmp_path: Path) -> None:
    everybody = asyncio.Barrier(3)

    async def meet(request: web.Request) -> web.Response:
        async with asyncio.timeout(10):
            await everybody.wait()
        return web.Response(text=f"Met at {request.query['n']}.")

    async with equipped(tmp_path, {"/meet": meet}) as (installation, found):
        three = [call("http_fetch", url=f"{found.home}/meet?n={number}") for number in (1, 2, 3)]
        play(installation, "meet", three, "Over: {tool_results}")

        answer = await Talk(installation, OWNER).ask("meet", "Over")

        places = [answer["text"].index(f"Met at {number}.") for number in (1, 2, 3)]
        assert places == sorted(places)


async def test_a_result_is_cut_where_the_settings_say(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.Response:
        return web.Response(text="A long page. " * 80_000)

    limits = {"tools": {"max_output_characters": 2_000}}
    async with equipped(tmp_path, {"/endless": endless}, limits) as (installation, found):
        play(installation, "read", call("http_fetch", url=f"{found.home}/endless"), "Over")

        await Talk(installation, OWNER).ask("read", "Over")

        (result,) = results(installation)
        assert "A long page." in result
        assert "There is more" in result
        assert len(result) < 2_200


async def test_a_model_that_goes_on_calling_has_to_answer(tmp_path: Path) -> None:
    async with equipped(tmp_path, sections={"tools": {"max_steps": 4}}) as (installation, _):
        steps = [call("calculate", expression=f"{number} + 1") for number in range(9)]
        play(installation, "add up", *steps, "Never said")
        play(installation, "No more tools", "As far as I came.")

        answer = await Talk(installation, OWNER).ask("add up", "As far as I came")

        assert answer["text"].startswith("As far as I came.")
        assert "I stopped early: the limit of 4 steps is reached." in answer["text"]
        assert len(installation.model.records) == 5
        assert offered(installation) == set()


async def test_a_model_that_goes_in_circles_has_to_answer(tmp_path: Path) -> None:
    async with equipped(tmp_path) as (installation, _):
        same = [call("calculate", expression="1+1")] * 9
        play(installation, "add up", *same, "Never said")
        play(installation, "No more tools", "It stays 2.")

        answer = await Talk(installation, OWNER).ask("add up", "It stays 2.")

        assert "calculate was called 3 times with the same outcome" in answer["text"]
        assert len(installation.model.records) == 4


async def test_broken_arguments_are_mended_or_told_of(tmp_path: Path) -> None:
    async with equipped(tmp_path) as (installation, _):
        play(
            installation,
            "add up",
            {"name": "calculate", "arguments": "{'expression': '2*21',}"},
            [
                {"name": "calculate", "arguments": '{"expresion": "1"}'},
                {"name": "note_save", "arguments": '{"title": "Tea", "data": "gre'},
                {"name": "calculator", "arguments": "{}"},
                call("calculate", expression="6*7"),
            ],
            "Over",
        )
        play(installation, "never learns", *[call("calculate")] * 9, "Never said")
        play(installation, "No more tools", "So be it.")
        talk = Talk(installation, OWNER)

        await talk.ask("add up", "Over")
        told = results(installation)
        assert [told[0], told[4]] == ["42", "42"]
        assert '"expression": is missing' in told[1]
        assert "break off" in told[2]
        assert "there is no tool 'calculator'" in told[3]

        answer = await talk.ask("never learns", "So be it.")
        assert "the arguments of tools could not be used three times" in answer["text"]
        assert (await talk.ask("/memory"))["text"] == "I remember nothing about you."


async def test_a_model_without_tools_answers_all_the_same(tmp_path: Path) -> None:
    async with equipped(tmp_path) as (installation, _):
        play(installation, "add up", call("calculate", expression="1+1"), "It is {last_result}")
        talk = Talk(installation, OWNER)
        await talk.ask("add up", "It is 2")
        installation.model.settings.takes_tools = False

        assert "ack1end" in (await talk.ask("rid1end hello"))["text"]
        assert "ack2end" in (await talk.ask("rid2end hello"))["text"]

        outcomes = [record["outcome"] for record in installation.model.records[2:]]
        assert outcomes == ["error 400", "ok", "ok"]
