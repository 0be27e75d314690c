"""Agendas: where jobs and tasks are kept."""

from minibot.adapters.storage.agenda.in_memory import AgendaRows, InMemoryAgenda
from minibot.adapters.storage.agenda.opening import Backend, open_agenda

__all__ = ["AgendaRows", "Backend", "InMemoryAgenda", "open_agenda"]
