"""How minibot is doing, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minibot.app.channels import ChannelSet
from minibot.app.event_bus import EventBus
from minibot.app.markdown import counted
from minibot.app.model_chain import ModelChain, ModelStanding
from minibot.app.running_turns import RunningTurns
from minibot.app.supervisor import Supervisor
from minibot.core.breaker import BreakerState
from minibot.core.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Collects what the parts of the daemon know about themselves."""

    version: str
    clock: Clock
    channels: ChannelSet
    chain: ModelChain
    supervisor: Supervisor
    running: RunningTurns
    bus: EventBus
    generation: Callable[[], int]
    work: Sequence[Callable[[], str]]
    """Each gives a line about what is done without being asked."""
    started_at: float
    """Monotonic seconds."""

    def describe(self, *, dead: tuple[int, int]) -> str:
        """Give a few lines of Markdown; `dead` counts messages and answers given up."""
        minutes, seconds = divmod(int(self.clock.monotonic() - self.started_at), 60)
        hours, minutes = divmod(minutes, 60)
        lines = [
            f"**minibot {self.version}**, up {hours}:{minutes:02}:{seconds:02}",
            *self._models(),
            f"Channels: {', '.join(self.channels.names()) or 'none'}",
            f"Settings: version {self.generation()} since the start",
            f"Answers being written besides this: {max(len(self.running) - 1, 0)}",
            f"Given up: {counted(dead[0], 'message')}, {counted(dead[1], 'answer')}",
            *(describe() for describe in self.work),
        ]
        for name, problem in self.supervisor.down.items():
            lines.append(f"⚠️ {name} is down: {problem}")
        for queue in self.bus.stats():
            lines.append(
                f"Bus, {queue.name}: {queue.depth} waiting, {queue.delivered} delivered, "
                f"{queue.dropped} dropped, {queue.mean_latency_seconds * 1000:.1f} ms mean, "
                f"{queue.max_latency_seconds * 1000:.0f} ms at the most"
            )
        return "\n".join(lines)

    def _models(self) -> list[str]:
        if len(standings := self.chain.standings()) == 1 and _answers(standings[0]):
            return [f"Model: {standings[0].title}"]
        return [f"Model {number}: {_described(each)}" for number, each in enumerate(standings, 1)]


def _answers(standing: ModelStanding) -> bool:
    return standing.state is BreakerState.CLOSED


def _described(standing: ModelStanding) -> str:
    if _answers(standing):
        return standing.title
    return f"{standing.title} ⚠️ it fails and is left alone ({standing.state.value})"
