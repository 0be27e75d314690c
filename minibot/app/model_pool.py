"""Open models, shared by whoever names the same connection, closed when nobody asks any more."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from minibot.core.ports import LanguageModel
from minibot.core.settings import CapabilityOverrides, ModelPrices, ModelSettings

OpenModel = Callable[[ModelSettings], LanguageModel]


@dataclass(slots=True, eq=False)
class _Lease:
    model: LanguageModel
    streams: int = 0
    retired: bool = False


class ModelPool:
    """Opens each connection once."""

    def __init__(self, open_model: OpenModel) -> None:
        self._open_model = open_model
        self._leases: dict[ModelSettings, _Lease] = {}
        self._found: dict[int, tuple[ModelSettings, _Lease]] = {}
        """Leases by the identity of the settings that ask: telling their connection is not free."""

    async def keep(self, wanted: tuple[ModelSettings, ...]) -> None:
        """Open what these need and close what they do not, once its last question is over."""
        connections = dict.fromkeys(_connection(settings) for settings in wanted)
        opened = {
            each: self._leases.get(each) or _Lease(self._open_model(each)) for each in connections
        }
        before, self._leases = self._leases, opened
        self._found.clear()
        for connection, lease in before.items():
            if connection not in opened:
                lease.retired = True
                if not lease.streams:
                    await lease.model.close()

    @asynccontextmanager
    async def lend(self, settings: ModelSettings) -> AsyncIterator[LanguageModel]:
        """Give the model of these settings for one question."""
        lease = self._lease_of(settings)
        lease.streams += 1
        try:
            yield lease.model
        finally:
            lease.streams -= 1
            if lease.retired and not lease.streams:
                await lease.model.close()

    def _lease_of(self, settings: ModelSettings) -> _Lease:
        if found := self._found.get(id(settings)):
            return found[1]
        connection = _connection(settings)
        lease = self._leases.get(connection)
        if lease is None:  # it was set when the turn began, and is not any more
            return _Lease(self._open_model(connection), retired=True)
        self._found[id(settings)] = (settings, lease)  # held, so that the identity stays its own
        return lease

    async def close(self) -> None:
        for lease in self._leases.values():
            await lease.model.close()


def _connection(settings: ModelSettings) -> ModelSettings:
    """Leave out what is said anew with every question."""
    asked = {
        "model": "",
        "temperature": None,
        "max_new_tokens": None,
        "capabilities": CapabilityOverrides(),
        "prices": ModelPrices(),
    }
    return settings.model_copy(update=asked)
