"""The models of the settings, asked one after the other until one answers.

Nothing of an answer is shown before it is whole, so another model may still be asked when one
breaks off in the middle; what it had said until then is void.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from minibot.app.event_bus import EventBus
from minibot.app.model_pool import ModelPool, OpenModel
from minibot.core.breaker import Breaker, BreakerState
from minibot.core.capabilities import capabilities_of, room_for_questions
from minibot.core.conversation import cost
from minibot.core.errors import (
    ContextTooLong,
    ModelAccessDenied,
    ModelBusy,
    ModelError,
    ModelRequestRefused,
    ModelUnavailable,
    ModelUnreachable,
    PicturesUnsupported,
    ToolsUnsupported,
)
from minibot.core.events import ModelsLost, ModelsRecovered, TroubleNoticed
from minibot.core.llm import Completion, CompletionRequest, Observe, collect, ignore
from minibot.core.ports import Clock
from minibot.core.settings import LanguageModelSettings, ModelSettings
from minibot.core.tokens import tokens_of_text

log = logging.getLogger(__name__)

OUTAGES = (ModelUnavailable, ModelUnreachable, ModelBusy)
"""Failures that say the server is away or busy, and nothing about the question."""

SMALLEST_ROOM = 500
"""Tokens: with less, asking again makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a request has to fit into."""

    model: ModelSettings
    room: int
    """Tokens for everything that is asked, by a cautious estimate."""
    tools: bool
    """True when the model takes tools."""
    vision: bool
    """True when the model takes pictures."""
    once: bool
    """True when the question is a probe and may be submitted only once."""


Build = Callable[[Place], CompletionRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An answer, and who gave it."""

    completion: Completion
    model: ModelSettings
    vision: bool
    """True when it was shown the pictures there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStanding:
    """How a model is doing."""

    title: str
    state: BreakerState
    tools: bool
    vision: bool
    context_tokens: int


@dataclass(slots=True)
class _Link:
    settings: ModelSettings
    breaker: Breaker
    room: int
    tools: bool
    vision: bool


class ModelChain:
    """Asks the first model that can be asked, and the next one when it fails."""

    def __init__(
        self,
        open_model: OpenModel,
        settings: LanguageModelSettings,
        *,
        clock: Clock,
        bus: EventBus,
    ) -> None:
        self._pool = ModelPool(open_model)
        self._settings = settings
        self._clock = clock
        self._bus = bus
        self._links: Sequence[_Link] = ()
        self.found = asyncio.Event()
        """Cleared from the moment no model could be reached until one answers."""
        self.found.set()

    @property
    def lost(self) -> bool:
        return not self.found.is_set()

    async def open(self) -> None:
        await self.follow(self._settings)

    async def follow(self, settings: LanguageModelSettings) -> None:
        """Use what these settings name from the next question on."""
        known = {link.settings: link for link in self._links}
        await self._pool.keep(settings.chain)
        self._links = [_renewed(known, each) for each in settings.chain]

    async def close(self) -> None:
        await self._pool.close()

    def standings(self) -> list[ModelStanding]:
        """Say how each model is doing, in the order in which they are asked."""
        return [_standing(link) for link in self._links]

    def invite_probe(self) -> None:
        """Let one question through to each model that is left alone: somebody is waiting."""
        for link in self._links:
            link.breaker.invite_probe(self._clock.monotonic())

    async def ask(self, build: Build, observe: Observe = ignore, *, first: str = "") -> Asked:
        """Ask until a model answers.

        Args:
            build: makes the request for one model; called anew for each.
            observe: sees every event of an answer before it is put together.
            first: title of the model to begin with, if the settings name it; the others follow.

        Raises:
            ModelUnavailable: none can be reached; another time may do.
            ModelError: what went wrong otherwise, of the model where waiting helps most.
        """
        failures: list[ModelError] = []
        for link in _beginning_with(first, self._links) if first else self._links:
            if not link.breaker.admit(self._clock.monotonic()):
                failures.append(ModelUnavailable(f"{link.settings.title} is left alone for now"))
                continue
            outcome = await self._try(link, build, observe)
            if isinstance(outcome, Asked):
                return outcome
            failures.append(outcome)
        raise self._verdict(failures)

    async def _try(self, link: _Link, build: Build, observe: Observe) -> Asked | ModelError:
        """Ask one model, and tell its breaker how that went."""
        known = False
        try:
            completion = await self._ask_one(link, build, observe)
            known = True
        except ModelError as error:
            known = True
            self._note_failure(link, error)
            return error
        finally:
            if not known:
                link.breaker.abandoned(self._clock.monotonic())
        self._note_answer(link)
        return Asked(completion=completion, model=link.settings, vision=link.vision)

    async def _ask_one(self, link: _Link, build: Build, observe: Observe) -> Completion:
        """Ask one model; what it cannot take is left out or cut, and it is asked once more."""
        try:
            return await self._submit(link, build(self._place(link)), observe)
        except ToolsUnsupported:
            log.warning("the model takes no tools", extra={"model": link.settings.title})
            link.tools = False
        except PicturesUnsupported as error:
            if not link.vision:
                raise
            log.warning(
                "the model takes no pictures",
                extra={"model": link.settings.title, "problem": str(error)},
            )
            link.vision = False
        except ContextTooLong as error:
            used = _size(build(self._place(link)))
            room = min(link.room, used) // 2
            if room < SMALLEST_ROOM:
                raise
            link.room = room
            log.warning(
                "the conversation is too long for the model; showing less of it",
                extra={"model": link.settings.title, "tokens": used, "problem": str(error)},
            )
        return await self._submit(link, build(self._place(link)), observe)

    async def _submit(
        self, link: _Link, request: CompletionRequest, observe: Observe
    ) -> Completion:
        async with (
            self._pool.lend(link.settings) as model,
            aclosing(model.stream(request)) as events,
        ):
            return await collect(events, observe)

    def _place(self, link: _Link) -> Place:
        probing = self.lost or link.breaker.state is not BreakerState.CLOSED
        return Place(
            model=link.settings,
            room=link.room,
            tools=link.tools,
            vision=link.vision,
            once=probing,
        )

    def _note_answer(self, link: _Link) -> None:
        if link.breaker.succeeded():
            log.info("the model answers again", extra={"model": link.settings.title})
        if self.lost:
            self.found.set()
            self._bus.publish(ModelsRecovered(model=link.settings.title))

    def _note_failure(self, link: _Link, error: ModelError) -> None:
        now = self._clock.monotonic()
        log.warning(
            "a model failed",
            extra={
                "model": link.settings.title,
                "error": type(error).__name__,
                "problem": str(error),
            },
        )
        if error.transient:
            if link.breaker.failed(now):
                log.error("the model is left alone", extra={"model": link.settings.title})
        elif isinstance(error, ModelAccessDenied):
            link.breaker.abandoned(now)
            self._bus.publish(
                TroubleNoticed(
                    topic=f"access {link.settings.title}",
                    text=f"{link.settings.title} refuses the key or the balance: {error}",
                )
            )
        elif isinstance(error, (ModelRequestRefused, ContextTooLong)):
            link.breaker.succeeded()  # it is there, and does not like the question

    def _verdict(self, failures: Sequence[ModelError]) -> ModelError:
        """Choose what to tell: what is wrong with the question, else where waiting helps, that."""
        for error in failures:
            if isinstance(error, (ModelRequestRefused, ContextTooLong)):
                return error
        outages = [error for error in failures if isinstance(error, OUTAGES)]
        if outages:
            if not self.lost:
                self.found.clear()
                self._bus.publish(ModelsLost())
            return ModelUnavailable(str(outages[0]))
        passing = [error for error in failures if error.transient]
        return (passing or failures)[0]


def answering(standings: Sequence[ModelStanding]) -> list[ModelStanding]:
    """Leave out the models that are left alone."""
    return [each for each in standings if each.state is BreakerState.CLOSED]


def _beginning_with(title: str, links: Sequence[_Link]) -> Sequence[_Link]:
    return sorted(links, key=lambda link: link.settings.title != title)


def _renewed(known: dict[ModelSettings, _Link], settings: ModelSettings) -> _Link:
    if settings in known:
        return known[settings]
    limits, able = settings.circuit_breaker, capabilities_of(settings)
    return _Link(
        settings=settings,
        breaker=Breaker(limits.failures, limits.recovery_seconds),
        room=room_for_questions(settings),
        tools=able.tools,
        vision=able.vision,
    )


def _standing(link: _Link) -> ModelStanding:
    able = capabilities_of(link.settings)
    return ModelStanding(
        title=link.settings.title,
        state=link.breaker.state,
        tools=link.tools,
        vision=link.vision,
        context_tokens=able.context_tokens,
    )


def _size(request: CompletionRequest) -> int:
    return cost(request.messages) + tokens_of_text(request.system_prompt)
