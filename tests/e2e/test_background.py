"""An answer that takes long: its person lets it be written in the background, and talks on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from signal import Signals

from minibot.core.texts import ENGLISH
from tests.e2e.process import Installation
from tests.e2e.serving import OWNER, rows, serving
from tests.e2e.talking import Talk, play
from tests.peers.llm.script import Rule
from tests.peers.telegram.wire import Json

GO, STOP = "Go on in the background", "Stop"
OFFER, SET_ASIDE, STOPPED = ENGLISH.aside_offer, ENGLISH.set_aside, ENGLISH.aside_stopped
LONG = "Here is the whole report."


@asynccontextmanager
async def talking(folder: Path, *, seconds: float) -> AsyncIterator[tuple[Installation, Talk]]:
    """Have a conversation with a model that takes so long for a report and no time for the rest."""
    sections = {"tasks": {"offer_background_after_seconds": 1}}
    async with serving(folder, sections=sections) as installation:
        play(installation, "^and (.*)", "{1}, of course.")
        report = {"match": "report", "ttft": seconds, "steps": [{"text": LONG}]}
        installation.model.rules.append(Rule.from_json(report))
        await (await installation.start()).listening()
        yield installation, Talk(installation, OWNER)


async def ask_for_report(talk: Talk) -> tuple[int, Json]:
    """Ask and wait for the offer; gives the question's id and the card."""
    question = talk.say("Write the report")
    (card,) = await talk.shown(OFFER)
    return question, card


def spoken(talk: Talk) -> list[str]:
    return [each["text"] for each in talk.told() if each["method"] == "sendMessage"]


async def test_the_chat_goes_on_and_the_long_answer_points_at_its_question(tmp_path: Path) -> None:
    async with talking(tmp_path, seconds=4) as (installation, talk):
        question, card = await ask_for_report(talk)
        talk.say("and cats")
        assert await talk.press(card, GO) == "I go on in the background."
        await talk.shown(SET_ASIDE, method="editMessageText")
        await talk.shown("cats, of course.")
        talk.say("and dogs")
        await talk.shown("dogs, of course.")
        (answer,) = await talk.shown(LONG)
        await talk.shown("✓ Done after", method="editMessageText")

        assert spoken(talk) == [OFFER, "cats, of course.", "dogs, of course.", LONG]
        assert answer["params"]["reply_parameters"]["message_id"] == question
        assert await talk.press(card, STOP) == "That is over already."
        assert await installation.runs[-1].stop() == 0
        assert installation.runs[-1].accidents() == []


async def test_process_that_is_killed_goes_on_with_it_in_the_background(tmp_path: Path) -> None:
    async with talking(tmp_path, seconds=3) as (installation, talk):
        _, card = await ask_for_report(talk)
        await talk.press(card, GO)
        installation.runs[-1].send(Signals.SIGKILL)
        await installation.runs[-1].exits_within(5)
        talk.say("and cats")
        await (await installation.start()).listening()
        await talk.shown("cats, of course.")
        await talk.shown(LONG)
        await talk.shown("✓ Done after", method="editMessageText")

        said = [text for text in spoken(talk) if not text.startswith("Back after")]
        assert said == [OFFER, "cats, of course.", LONG]
        assert rows(installation, "SELECT DISTINCT state FROM inbox WHERE urgent = 0") == [
            ("done",)
        ]


async def test_it_is_stopped_in_the_background_and_the_model_with_it(tmp_path: Path) -> None:
    async with talking(tmp_path, seconds=30) as (installation, talk):
        _, card = await ask_for_report(talk)
        await talk.press(card, GO)
        assert await talk.press(card, STOP) == "Stopped."
        await talk.shown(STOPPED, method="editMessageText")
        await installation.model.ledger.until_inflight(0)
        await talk.ask("and cats", "cats, of course.")
        assert LONG not in spoken(talk)


async def test_stop_ends_what_is_in_the_background_when_nothing_else_runs(tmp_path: Path) -> None:
    async with talking(tmp_path, seconds=30) as (installation, talk):
        _, card = await ask_for_report(talk)
        await talk.press(card, GO)
        await talk.ask("/stop", "Stopped.")
        await installation.model.ledger.until_inflight(0)
        await talk.ask("/stop", "Nothing is running.")
