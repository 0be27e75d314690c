"""Holds back an answer that promises something for later with nothing scheduled behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from minibot.app.agent.calls import GONE, REFUSED
from minibot.app.markdown import closed
from minibot.core.journal import CallRecord, StepRecord
from minibot.core.llm import Completion, Role, Utterance
from minibot.core.promises import find_promise, language_of
from minibot.core.tools import CallState

BACKING_TOOLS = frozenset({"schedule", "create_task", "create_tasks", "update_job"})
"""A call of one of these that ended well stands behind whatever its turn promises."""

SCHEDULING_TOOLS = ("schedule", "create_task")
"""What the model is pointed at, as far as it is offered."""

QUOTED = 160
"""Characters of a promise that are quoted."""

SCHEDULE = (
    'You said: "{promise}", but nothing was scheduled in this turn. Either call {tools} now, or '
    "write the answer again without promising anything for later. When it was scheduled before "
    "this turn, say so instead, and do not schedule it twice. The person sees only your next "
    "answer."
)
REPHRASE = (
    'You said: "{promise}", but nothing can be scheduled in this turn. Write the answer again '
    "without promising anything for later. The person sees only your next answer."
)

NOTES: Mapping[str, str] = {
    "en": "Note: I have not scheduled this; ask me to set a reminder if you want one.",
    "de": "Hinweis: Ich habe das nicht eingeplant; bitte mich um eine Erinnerung, wenn du eine "
    "möchtest.",
    "es": "Nota: no he programado esto; pídeme un recordatorio si quieres uno.",
    "ru": "Примечание: я это не запланировал; попросите поставить напоминание, если оно нужно.",
    "zh": "说明：这件事我没有安排；如果需要提醒，请让我设置。",
    "fr": "Remarque : je n'ai rien programmé pour cela ; demandez-moi un rappel si vous en voulez "
    "un.",
    "it": "Nota: non ho programmato nulla per questo; se vuoi un promemoria, chiedimelo.",
    "pt": "Nota: não agendei isto; peça-me um lembrete se quiser.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer that was not let out; nobody is shown it and nothing remembers it."""

    completion: Completion
    promise: str
    """Its sentence that commits."""
    steps: int
    """Of the turn when it was written."""
    work: int
    """Entries that these steps are, as the model sees them."""

    def shown(self, work: Sequence[Utterance], instruction: str) -> list[Utterance]:
        """Put it among what the turn did, followed by what is wrong with it."""
        return [
            *work[: self.work],
            Utterance(role=Role.ASSISTANT, text=self.completion.text),
            Utterance(role=Role.USER, text=instruction),
            *work[self.work :],
        ]

    def instruction(self, offered: Mapping[str, object]) -> str:
        """Say what to do about it, with the tools that can be called."""
        quoted = self.promise[:QUOTED]
        named = [f"`{name}`" for name in SCHEDULING_TOOLS if name in offered]
        if not named:
            return REPHRASE.format(promise=quoted)
        return SCHEDULE.format(promise=quoted, tools=" or ".join(named))


def unbacked_promise(text: str, steps: Sequence[StepRecord]) -> str:
    """Give the sentence that promises what no call of the turn stands behind; empty for none."""
    promise = find_promise(text)
    if promise is None or any(_backs(call) for step in steps for call in step.calls):
        return ""
    return promise


def left_open(steps: Sequence[StepRecord]) -> bool:
    """Say whether it is not known of a call that would back a promise if it took effect."""
    return any(
        call.call.name in BACKING_TOOLS and call.state is CallState.UNKNOWN
        for step in steps
        for call in step.calls
    )


def owned_up(completion: Completion, promise: str) -> Completion:
    """Add to an answer that what it promises was not scheduled."""
    note = NOTES[language_of(promise) or "en"]
    return replace(completion, text=f"{closed(completion.text)}\n\n*({note})*")


def _backs(call: CallRecord) -> bool:
    return (
        call.call.name in BACKING_TOOLS
        and call.state is CallState.FINISHED
        and call.result is not None
        and call.result.text not in (REFUSED, GONE)
        and not call.result.text.startswith("Error:")
    )
