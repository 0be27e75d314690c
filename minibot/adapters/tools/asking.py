"""Between the tools for jobs and tasks and the planner: who asks, and errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from minibot.core.errors import (
    IllegalTransition,
    ScheduleInvalid,
    TaskCycle,
    ToolArgumentsInvalid,
    ToolFailed,
    UnknownEntry,
)
from minibot.core.messages import ChatRef, Person
from minibot.core.planning import Asker
from minibot.core.tools import ToolContext


def asker_of(context: ToolContext) -> Asker:
    """Name who asks, across all their memories; see `minibot.core.owners`."""
    person, _, group = context.owner.partition("@")
    return Asker(owner=person, person=context.person, chat=context.chat, private=not group)


def asker_behind(owner: str) -> Asker:
    """Name whose something is that is to be taken back: all that is known of them by then."""
    person, _, group = owner.partition("@")
    channel, _, person_id = person.rpartition(":")
    return Asker(
        owner=person,
        person=Person(id=person_id),
        chat=ChatRef(channel=channel, chat_id=group or person_id),
        private=not group,
    )


@contextmanager
def for_the_model() -> Iterator[None]:
    """Hand on what the planner refuses as words for the model."""
    try:
        yield
    except (ScheduleInvalid, TaskCycle) as error:
        raise ToolArgumentsInvalid(_sentence(error)) from None
    except (UnknownEntry, IllegalTransition) as error:
        raise ToolFailed(_sentence(error)) from None


@contextmanager
def for_the_person() -> Iterator[None]:
    """Hand on what the planner refuses where a person takes something back."""
    try:
        yield
    except (ScheduleInvalid, UnknownEntry, IllegalTransition) as error:
        raise ToolFailed(str(error)) from None


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
