"""Topics that nobody named are named after the first exchange, once, and whatever fails."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from minibot.app.topic_titles import TITLE, Title, TopicTitles
from minibot.core.errors import ChannelError, ModelUnreachable, SendFailed, SendRefused
from minibot.core.events import TurnFinished
from minibot.core.inbox import InboxState
from minibot.core.llm import Role, Utterance
from minibot.core.messages import Arrival
from minibot.core.ports import TurnResult
from tests.app.agent.answers import says
from tests.app.rig import Rig, in_background
from tests.fakes import FakeTopics, ModelStep, ScriptedModel, make_chat, make_message, settle

TOPIC = make_chat("42", "17")
HERE = TOPIC.key


class Naming:
    """A topic in which people talk."""

    def __init__(self, *answers: Sequence[ModelStep]) -> None:
        self.rig = rig = Rig()
        self.topics = rig.channel.topics = FakeTopics()
        self.model = ScriptedModel(*answers)
        self.chain = rig.chain(self.model)
        self.titles = TopicTitles(
            self.chain,
            rig.channels,
            rig.bus,
            preferences=rig.storage.preferences,
            history=rig.storage.history,
            outcomes=rig.storage.outcomes,
        )
        self._said = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.chain.open()
        async with in_background(self.rig.channels.run, self.titles.run):
            yield

    async def choose(self, name: str, value: str) -> None:
        await self.rig.storage.preferences.set(HERE, name, value)

    async def talk(self, text: str, *, exchange: bool = True, **fields: Any) -> None:
        """Say something and have it answered."""
        self._said += 1
        message = make_message(text, TOPIC, id=f"{self._said}", **fields)
        arrival = Arrival(account="1", key=f"{self._said}", chat=TOPIC, raw="{}", message=message)
        (event,) = await self.rig.storage.inbox.admit([arrival], claim=[HERE])
        assert event.item is not None
        entries = (
            Utterance(role=Role.USER, text=f"Ann: {text}"),
            Utterance(role=Role.ASSISTANT, text=f"about {text}"),
        )
        result = TurnResult(
            item=event.item, state=InboxState.DONE, entries=entries if exchange else ()
        )
        await self.rig.storage.ledger.finish(result, claim_first=False)
        ended = TurnFinished(inbox_id=event.item.id, conversation=HERE, outcome="done")
        self.rig.bus.publish(ended)
        await settle()

    @property
    def name(self) -> str:
        return self.topics.named.get(HERE, "")

    @property
    def state(self) -> str:
        return self.rig.storage.preferences.get(HERE, TITLE)


async def test_the_model_names_it_once() -> None:
    naming = Naming(says("“Roman holidays.”\n"))
    await naming.choose(TITLE, Title.WANTED)
    async with naming.running():
        await naming.talk("what about Rome?")
        assert (naming.name, naming.state) == ("Roman holidays", Title.GIVEN)
        await naming.talk("and Milan?")
    (request,) = naming.model.requests
    assert request.messages[0].text == (
        "Question: what about Rome?\n\nAnswer: about what about Rome?"
    )
    assert request.tools == ()


async def test_without_a_model_it_is_named_by_the_question() -> None:
    naming = Naming([ModelUnreachable()])
    await naming.choose(TITLE, Title.WANTED)
    async with naming.running():
        await naming.talk("what about Rome?")
    assert (naming.name, naming.state) == ("what about Rome?", Title.GIVEN)


async def test_what_is_no_exchange_names_nothing() -> None:
    naming = Naming(says("Rome"))
    await naming.choose(TITLE, Title.WANTED)
    async with naming.running():
        await naming.talk("/model", exchange=False)
        assert naming.name == ""
        await naming.talk("what about Rome?")
    assert naming.name == "Rome"


async def test_a_topic_that_a_client_named_is_named_and_one_of_a_person_is_not() -> None:
    naming = Naming(says("Rome"))
    async with naming.running():
        await naming.talk("hello")
        assert (naming.name, naming.state) == ("", "")
        await naming.talk("what about Rome?", unnamed_topic=True)
        assert naming.name == "Rome"
        await naming.talk("and Milan?", unnamed_topic=True)
    assert len(naming.model.requests) == 1


async def test_nothing_of_an_incognito_conversation_is_in_a_name() -> None:
    naming = Naming(says("Rome"))
    await naming.choose(TITLE, Title.WANTED)
    await naming.choose("incognito", "on")
    async with naming.running():
        await naming.talk("what about Rome?")
    assert (naming.name, naming.state) == ("", Title.WANTED)
    assert naming.model.requests == []


async def _refused(error: ChannelError) -> Naming:
    naming = Naming(says("Rome"), says("Rome"))
    await naming.choose(TITLE, Title.WANTED)
    naming.topics.script.append(error)
    async with naming.running():
        await naming.talk("what about Rome?")
        assert naming.name == ""
        await naming.talk("and Milan?")
    return naming


async def test_a_name_that_did_not_arrive_is_given_with_the_next_exchange() -> None:
    assert (await _refused(SendFailed("reset"))).name == "Rome"


async def test_a_topic_that_cannot_be_named_is_left_alone() -> None:
    naming = await _refused(SendRefused("TOPIC_ID_INVALID"))
    assert (naming.name, naming.state) == ("", Title.GIVEN)
    assert len(naming.model.requests) == 1


async def test_a_channel_that_is_off_names_nothing() -> None:
    naming = Naming(says("Rome"))
    await naming.choose(TITLE, Title.WANTED)
    naming.rig.channel.topics = None
    async with naming.running():
        await naming.talk("what about Rome?")
    assert (naming.model.requests, naming.state) == ([], Title.WANTED)
