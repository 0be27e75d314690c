"""A loopback model server: OpenAI chat and responses, Anthropic messages, Gemini.

Run it as a process, ``python -m tests.peers.llm --port 0``, which prints one JSON line once it
listens, or in-process::

    llm = await start(FakeLLM())
    llm.app.rules.append(Rule.from_json({"match": "add", "tool_calls": [{"name": "add"}]}))
    ...  # llm.url
    await llm.stop()

Endpoints, each plain and streamed, with tool calls and reasoning: ``POST /v1/chat/completions``,
``/v1/responses``, ``/v1/messages``, ``/v1beta/models/{model}:generateContent`` and
``:streamGenerateContent``; besides ``/v1/embeddings``, ``/v1/audio/transcriptions``,
``GET /v1/models`` and ``/control/*``.

The default reply is an echo. Its last words are one ``ack<x>end`` for every message token
``rid<x>end`` in the user's message, so a load driver can tell which message a reply belongs to,
that it is whole, and that it came from the model: an error text that quotes the user holds
``rid``. Rules (`Rule`) script other replies, faults (`Fault`) break them, `Settings` are switches.
Requests are checked the way the real services check them.
"""

from tests.peers.llm.conversation import TOKEN_RE, Call, Reply, Turn
from tests.peers.llm.script import Fault, Rule, Settings, Step
from tests.peers.llm.server import FakeLLM, Running, start

__all__ = [
    "TOKEN_RE",
    "Call",
    "FakeLLM",
    "Fault",
    "Reply",
    "Rule",
    "Running",
    "Settings",
    "Step",
    "Turn",
    "start",
]
