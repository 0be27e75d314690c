"""Starts the parts in order, keeps them alive, and stops them so that nothing is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from minibot.app.channels import ChannelSet
from minibot.app.delivery import Delivery
from minibot.app.dispatcher import Dispatcher
from minibot.app.supervisor import Supervisor, fatal_cause
from minibot.app.turns import TurnRunner
from minibot.core.ports import Inbox, Outbox, SettingsSource

log = logging.getLogger(__name__)

FLUSH_SECONDS = 1.0
"""How long after the last turn what was said last may take to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The parts, wired; `run` is the life of the process."""

    inbox: Inbox
    outbox: Outbox
    channels: ChannelSet
    dispatcher: Dispatcher
    delivery: Delivery
    turns: TurnRunner
    supervisor: Supervisor
    settings: SettingsSource
    background: Mapping[str, Callable[[], Awaitable[None]]]
    """Components that run beside, by name."""

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set or every channel has come to its end; then drain.

        Raises what the supervisor calls fatal.
        """
        await self._recover()
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._serve(tasks, stop)
        except BaseExceptionGroup as error:
            cause = fatal_cause(error)
            if cause is None:
                raise
            raise cause from None
        log.info("stopped")

    async def _serve(self, tasks: asyncio.TaskGroup, stop: asyncio.Event) -> None:
        def keep(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
            return tasks.create_task(self.supervisor.keep(name, run), name=name)

        delivering = keep("delivery", self.delivery.run)
        dispatching = keep("dispatcher", self.dispatcher.run)
        beside = [keep(name, run) for name, run in self.background.items()]
        listening = tasks.create_task(self.channels.run(), name="channels")
        stopping = tasks.create_task(stop.wait(), name="stop")

        await asyncio.wait((listening, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            finishing = tasks.create_task(self._finish_everything(), name="finishing")
            await asyncio.wait((finishing, stopping), return_when=asyncio.FIRST_COMPLETED)
            finishing.cancel()
        await self._drain(dispatching)
        for task in (listening, stopping, delivering, *beside):
            task.cancel()

    async def _finish_everything(self) -> None:
        """Nothing more will come: answer all that came."""
        await self.dispatcher.drained()
        await self.delivery.settled()

    async def _drain(self, dispatching: asyncio.Task[None]) -> None:
        """Stop listening, let turns end for a while, put the rest back, say what was said."""
        grace = self.settings.current.runtime.shutdown_grace_seconds
        await self.channels.stop_listening()
        self.dispatcher.stop_claiming()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.dispatcher.drained()
        dispatching.cancel()
        await asyncio.wait((dispatching,))
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS):
                await self.delivery.settled()

    async def _recover(self) -> None:
        """Take back what the processes before this one were doing when they died."""
        resent = await self.outbox.recover()
        found = await self.inbox.recover()
        if found.requeued or resent:
            log.info(
                "unfinished work was taken back",
                extra={"messages": found.requeued, "answers": resent},
            )
        for item in found.given_up:
            await self.turns.bury(item)
