"""Small stand-ins for the outside world, each implementing one port of `minibot.core.ports`."""

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from math import ceil
from typing import Any

from minibot.core.errors import ConfigurationError, MediaUnreadable
from minibot.core.llm import CompletionRequest, Finished, FinishReason, StreamEvent, TextDelta
from minibot.core.menus import CommandMenu
from minibot.core.messages import (
    Arrival,
    Attachment,
    ChatRef,
    IncomingMessage,
    Part,
    Person,
    PreviewKind,
)
from minibot.core.outbox import OutgoingPart
from minibot.core.ports import Receive, Write
from minibot.core.settings import Settings

START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TOKEN = "1000:made-up"


async def settle(passes: int = 80) -> None:
    """Let everything that can go on without the clock go on."""
    for _ in range(passes):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], *, passes: int = 20_000) -> None:
    """Wait for something that happens without the clock."""
    for _ in range(passes):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not happen")


class FakeClock:
    """Stands still until `advance`; whole microseconds, so that no rounding is left over."""

    def __init__(self) -> None:
        self._micros = 0
        self._order = count()
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return START + timedelta(microseconds=self._micros)

    def monotonic(self) -> float:
        return self._micros / 1_000_000

    async def sleep(self, seconds: float) -> None:
        due = self._micros + ceil(max(seconds, 0.0) * 1_000_000)
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Go on; whoever sleeps is woken at his own moment, and may sleep again meanwhile."""
        target = self._micros + round(seconds * 1_000_000)
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self._micros = max(self._micros, due)
                woken.set_result(None)
                await settle()
        self._micros = max(self._micros, target)

    @property
    def naps(self) -> list[float]:
        """Seconds each sleeper still has to sleep, the shortest first."""
        left = (due - self._micros for due, _, woken in self._sleepers if not woken.done())
        return sorted(micros / 1_000_000 for micros in left)


class Gate:
    """A place where work stops until the test lets it through."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._decided = asyncio.Event()
        self._refusal: Exception | None = None

    async def pass_through(self) -> None:
        self.reached.set()
        await self._decided.wait()
        if self._refusal is not None:
            raise self._refusal

    def open(self) -> None:
        self._decided.set()

    def refuse(self, error: Exception) -> None:
        """Let nobody through: who waits runs into this."""
        self._refusal = error
        self._decided.set()


class FakeTopics:
    """Opens topics, numbered from 900, unless the next step is an error."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}
        """Names of the topics there are, by the keys of their conversations."""
        self.script: deque[Exception] = deque()

    async def open(self, chat: ChatRef, name: str) -> ChatRef:
        self._take_step()
        topic = ChatRef(
            channel=chat.channel, chat_id=chat.chat_id, thread_id=str(900 + len(self.named))
        )
        self.named[topic.key] = name
        return topic

    async def rename(self, topic: ChatRef, name: str) -> None:
        self._take_step()
        self.named[topic.key] = name

    def _take_step(self) -> None:
        if self.script:
            raise self.script.popleft()


class FakeChannel:
    """Takes every part, unless its chat's script says otherwise."""

    def __init__(self, name: str = "telegram") -> None:
        self._name = name
        self.sent: list[OutgoingPart] = []
        self.tried: list[OutgoingPart] = []
        self.script: dict[str, deque[Exception | Gate]] = {}
        """By chat id: what the next sends run into; behind the last one all is well."""
        self.typing: list[ChatRef] = []
        self.possible: tuple[PreviewKind, ...] = ()
        """How answers can be shown while they are written."""
        self.drafts: list[tuple[int, str]] = []
        self.menus: list[CommandMenu] = []
        self.acknowledged: list[tuple[str, str]] = []
        self.files: dict[str, deque[list[bytes | Exception]]] = {}
        """By file id: what each try to fetch it gives, and runs into."""
        self.fetched: list[str] = []
        self.topics: FakeTopics | None = FakeTopics()
        self.closed = False
        self.receive: Receive | None = None
        self.failure: Exception | None = None
        """What listening runs into."""
        self._ended = asyncio.Event()

    @property
    def name(self) -> str:
        return self._name

    async def run(self, receive: Receive) -> None:
        if self.failure is not None:
            raise self.failure
        self.receive = receive
        try:
            await self._ended.wait()
        finally:
            self.receive = None

    def end(self) -> None:
        """Nothing more is to come."""
        self._ended.set()

    async def send(self, part: OutgoingPart) -> str:
        self.tried.append(part)
        step = self._next_step(part.chat.chat_id)
        if isinstance(step, Gate):
            await step.pass_through()
        elif step is not None:
            raise step
        self.sent.append(part)
        return f"{self._name}-{len(self.sent)}"

    def fail(self, chat_id: str, *steps: Exception | Gate) -> None:
        self.script.setdefault(chat_id, deque()).extend(steps)

    def said(self, chat_id: str | None = None) -> list[str]:
        """Give the texts that arrived, of one chat or of all."""
        return [each.part.text for each in self.sent if chat_id in (None, each.chat.chat_id)]

    def previews(self, *, private: bool) -> tuple[PreviewKind, ...]:
        return self.possible if private else tuple(set(self.possible) - {PreviewKind.DRAFT})

    async def show_draft(self, chat: ChatRef, draft_id: int, part: Part) -> None:
        step = self._next_step(f"draft {chat.chat_id}")
        if isinstance(step, Gate):
            await step.pass_through()
        elif step is not None:
            raise step
        self.drafts.append((draft_id, part.text))

    async def offer_menu(self, menu: CommandMenu) -> None:
        step = self._next_step(f"menu {menu.key}")
        if isinstance(step, Gate):
            await step.pass_through()
        elif step is not None:
            raise step
        self.menus.append(menu)

    async def show_typing(self, chat: ChatRef) -> None:
        self.typing.append(chat)

    async def download(self, attachment: Attachment, write: Write, *, max_bytes: int) -> None:
        self.fetched.append(attachment.file_id)
        tries = self.files.get(attachment.file_id)
        if not tries:
            raise MediaUnreadable("there is no such file")
        for step in tries.popleft():
            if isinstance(step, Exception):
                raise step
            await write(step)

    async def acknowledge(self, press_id: str, text: str) -> None:
        self.acknowledged.append((press_id, text))

    async def close(self) -> None:
        self.closed = True

    def _next_step(self, chat_id: str) -> Exception | Gate | None:
        steps = self.script.get(chat_id)
        return steps.popleft() if steps else None


def render_plain(markdown: str) -> tuple[Part, ...]:
    """Render without formatting; a rule on a line of its own begins another part."""
    return tuple(Part(text=piece) for piece in markdown.split("\n---\n"))


PLAIN: dict[str, Any] = {
    "render": render_plain,
    "render_rich": render_plain,
    "render_caption": render_plain,
    "as_document": lambda markdown, parts: None,
}
"""How a `ChannelKind` renders that knows no formatting, nor anything else."""

ModelStep = StreamEvent | Exception | Gate


class ScriptedModel:
    """Answers from a script; an echo of the question when there is none."""

    def __init__(self, *answers: Sequence[ModelStep]) -> None:
        self.answers = deque(answers)
        self.requests: list[CompletionRequest] = []
        self.closed = 0
        self.open_streams = 0

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(request)
        self.open_streams += 1
        try:
            for step in self.answers.popleft() if self.answers else _echo(request):
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, Gate):
                    await step.pass_through()
                else:
                    yield step
        finally:
            self.open_streams -= 1

    async def close(self) -> None:
        self.closed += 1


def _echo(request: CompletionRequest) -> Sequence[StreamEvent]:
    text = f"echo {request.messages[-1].text}"
    return TextDelta(text), Finished(FinishReason.STOP)


class FakeFeed:
    """A config.toml that a test edits."""

    def __init__(self, current: Settings) -> None:
        self.content: Settings | ConfigurationError = current
        self._changes: asyncio.Queue[Settings | ConfigurationError] = asyncio.Queue()

    def edit(self, content: Settings | ConfigurationError) -> None:
        self.content = content
        self._changes.put_nowait(content)

    def read(self) -> Settings:
        if isinstance(self.content, ConfigurationError):
            raise self.content
        return self.content

    async def changes(self) -> AsyncIterator[Settings | ConfigurationError]:
        while True:
            yield await self._changes.get()


def make_settings(**sections: Any) -> Settings:
    """Give settings with Telegram and all tools on, everybody let in, and person 7 as the owner."""
    tools = {name: {"enabled": True} for name in ("http_client", "kv_memory", "files")}
    telegram = {
        "enabled": True,
        "bot_token": TOKEN,
        "allowed_user_ids": ["*"],
        "allowed_chat_ids": [-100],
        "owner_user_ids": [7],
    }
    given = {"channels": {"telegram": telegram}, **sections}
    given["tools"] = {**tools, **sections.get("tools", {})}
    return Settings.model_validate(given)


def make_chat(chat_id: str = "42", thread_id: str = "", channel: str = "telegram") -> ChatRef:
    return ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id)


def make_message(
    text: str = "hello", chat: ChatRef | None = None, **fields: Any
) -> IncomingMessage:
    known: dict[str, Any] = {
        "id": "m",
        "chat": chat or make_chat(),
        "sender": Person(id="42", name="Ann"),
        "text": text,
        "sent_at": START,
        "private": True,
        "addressed": True,
    }
    return IncomingMessage(**{**known, **fields})


def make_arrival(
    key: str, text: str = "hello", chat: ChatRef | None = None, *, urgent: bool = False
) -> Arrival:
    message = make_message(text, chat, id=f"id-{key}")
    return Arrival(
        account="1000", key=key, chat=message.chat, raw="{}", message=message, urgent=urgent
    )
