"""Wires what deals with messages that find their conversation busy."""

from dataclasses import dataclass

from minibot.adapters.storage import Storage
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.during_turn import Newcomers
from minibot.app.gathering import Gathering
from minibot.app.long_turns import LetGo, LongTurns
from minibot.app.running_turns import RunningTurns
from minibot.core.ports import Clock, SettingsSource, Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """Those who know which turns run, and what may become of them."""

    long_turns: LongTurns
    newcomers: Newcomers
    gathering: Gathering


def build_meanwhile(
    storage: Storage,
    running: RunningTurns,
    chats: ChatSettingsBook,
    *,
    let_go: LetGo,
    tell: Tell,
    settings: SettingsSource,
    clock: Clock,
) -> Meanwhile:
    long_turns = LongTurns(
        storage.inbox,
        storage.outbox,
        running,
        let_go=let_go,
        tell=tell,
        clock=clock,
        wording=chats.texts,
    )
    newcomers = Newcomers(storage.inbox, long_turns, chats=chats, settings=settings, clock=clock)
    gathering = Gathering(
        storage.inbox, running, settings=settings, clock=clock, otherwise=newcomers.on_busy
    )
    return Meanwhile(long_turns=long_turns, newcomers=newcomers, gathering=gathering)
