"""Whatever a server answers, nothing but a `ModelError` comes out."""

import asyncio
import random
from contextlib import suppress

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_async import ClaudeProvider, GoogleProvider, OpenAIProvider
from llm_async.providers.openai_responses import OpenAIResponsesProvider

from minibot.adapters.llm.chat import ChatWire
from minibot.adapters.llm.claude import ClaudeWire
from minibot.adapters.llm.failures import Censor, failure_of_error_object
from minibot.adapters.llm.google import GoogleWire
from minibot.adapters.llm.responses import ResponsesWire
from minibot.adapters.llm.sse import EventReader
from minibot.adapters.llm.wire import Reader, Wire
from minibot.core.errors import ModelError
from minibot.core.llm import StreamEvent
from tests.adapters.llm.rig import ADD, open_rig, question
from tests.peers.llm import Call, Reply
from tests.peers.llm.chat import ChatWire as ChatPeer
from tests.peers.llm.claude import ClaudeWire as ClaudePeer
from tests.peers.llm.conversation import Wire as Peer
from tests.peers.llm.google import GoogleWire as GooglePeer
from tests.peers.llm.responses import ResponsesWire as ResponsesPeer

CENSOR = Censor("the-key")
WIRES: dict[str, tuple[Wire, Peer]] = {
    "chat": (ChatWire(OpenAIProvider("k")), ChatPeer(lambda: False)),
    "responses": (ResponsesWire(OpenAIResponsesProvider("k")), ResponsesPeer(lambda: False)),
    "claude": (ClaudeWire(ClaudeProvider("k")), ClaudePeer(lambda: False)),
    "google": (GoogleWire(GoogleProvider("k")), GooglePeer(lambda: False)),
}
ODD: list[object] = [
    None,
    True,
    -1,
    2**70,
    1e999,
    "",
    "x",
    "\ud800",
    [],
    {},
    [[]],
    {"error": {}},
    [{"a": 1}],
]
JUNK = [b"{", b'"', b"\\", b"\xff", b"\n\n", b"data: [1]\n\n", b"\x00", b"null", b"]", b"[DONE]"]


def reader(name: str) -> Reader:
    wire = WIRES[name][0]
    return wire.reader("gemini-3", lambda error: failure_of_error_object(error, CENSOR))


def reply() -> Reply:
    calls = [Call("call_1", "add", '{"a": 1}'), Call("call_2", "add", "{}")]
    return Reply("some text, Привет", calls, 0, 0, 10, "tool_calls", "thoughts")


async def stream_of(name: str) -> bytes:
    body = {"input": "x", "stream_options": {"include_usage": True}, "model": "gemini-3"}
    return b"".join([event async for event in WIRES[name][1].events(body, reply(), 1)])


STREAMS = {name: asyncio.run(stream_of(name)) for name in WIRES}
WHOLES = {name: WIRES[name][1].whole({"input": "x"}, reply(), 1) for name in WIRES}


def mutate_bytes(data: bytes, chance: random.Random) -> bytes:
    """Cut, double, swap, garble and insert, a few times."""
    for _ in range(chance.randint(1, 6)):
        at, end = sorted(chance.choices(range(len(data) + 1), k=2))
        match chance.randrange(5):
            case 0:
                data = data[:at] + data[end:]
            case 1:
                data = data[:end] + data[at:]
            case 2:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 3:
                data = data[:at] + chance.choice(JUNK) + data[at:]
            case 4:
                data = data[:at]
    return data


def mutate_tree(tree: object, chance: random.Random) -> object:
    """Put odd values in the place of others."""
    if chance.random() < 0.08:
        return chance.choice(ODD)
    if isinstance(tree, dict):
        kept = [item for item in tree.items() if chance.random() > 0.03]
        return {key: mutate_tree(value, chance) for key, value in kept}
    if isinstance(tree, list):
        return [mutate_tree(item, chance) for item in tree]
    return tree


def read_stream(name: str, data: bytes) -> list[StreamEvent]:
    one, splitter = reader(name), EventReader()
    for event in [*splitter.feed(data), *splitter.finish()]:
        one.read_event(event)
    return [*one.answer.take(), *one.answer.finish()]


def read_whole(name: str, tree: object) -> list[StreamEvent]:
    one = reader(name)
    one.read_whole(tree)
    return list(one.answer.finish())


@pytest.mark.parametrize("name", WIRES)
def test_what_is_mutated_can_be_read_as_it_is(name: str) -> None:
    assert len(read_stream(name, STREAMS[name])) > 5
    assert len(read_whole(name, WHOLES[name])) > 4


@pytest.mark.parametrize("name", WIRES)
@settings(max_examples=400)
@given(seed=st.integers(0, 2**63))
def test_mutated_streams_raise_nothing_but_model_errors(name: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  mutations must be repeatable
    with suppress(ModelError):
        for event in read_stream(name, mutate_bytes(STREAMS[name], chance)):
            orjson.dumps(event)  # text that UTF-8 and numbers that a database can hold


@pytest.mark.parametrize("name", WIRES)
@settings(max_examples=400)
@given(seed=st.integers(0, 2**63))
def test_mutated_trees_raise_nothing_but_model_errors(name: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  mutations must be repeatable
    with suppress(ModelError):
        for event in read_whole(name, mutate_tree(WHOLES[name], chance)):
            orjson.dumps(event)


@pytest.mark.parametrize("provider", ["openai", "openai_responses", "claude", "google"])
async def test_mutated_answers_of_a_server_raise_nothing_but_model_errors(provider: str) -> None:
    chance = random.Random(7)  # noqa: S311  mutations must be repeatable
    name = {"openai": "chat", "openai_responses": "responses"}.get(provider, provider)
    async with open_rig(provider, timeouts={"total": 5}) as rig:
        for content_type in ("application/json", "text/event-stream", "text/html") * 30:
            whole = orjson.dumps(WHOLES[name])
            source = whole if content_type == "application/json" else STREAMS[name]
            body = mutate_bytes(source, chance).decode("latin-1")
            status = chance.choice([200, 200, 200, 400, 429, 500])
            rig.breaks("raw", body=body, content_type=content_type, status=status, times=1)
            with suppress(ModelError):
                await rig.ask(question(tools=(ADD,)))
