"""Messages that make the model plan something, or give it up, and what people should then be told.

A memo is the word by which something planned is known again. It takes the place of the token in
what is said of it later, so that nobody takes that for an answer to the message.
"""

import random
from dataclasses import dataclass, replace

from tests.crash.load import OF_MESSAGES, Load, Sent
from tests.e2e.process import Installation, Sections
from tests.peers.llm import Rule
from tests.peers.telegram.wire import Json

SECTIONS: Sections = {"tasks": {"workers": 16}}
"""As many as it takes to keep up: what died with a process rests a while, and holds a place."""

MOST_SECONDS = 4
"""Until a reminder is due; longer by `HEAD_START` when it is one that is to be cancelled."""
HEAD_START = 3
PONDERS_SECONDS = 0.6
"""How long the model takes over what may be cancelled meanwhile."""

MATCH = r"^Wish {name} (?P<delay>\d+) (?:mem(?P<target>\w+?end) )?rid(?P<core>\w+?end)$"
THINKING = Rule.from_json({"match": r"Think of (mem\w+?end)\.", "text": "I thought of {1}."})
PONDERING = replace(
    Rule.from_json({"match": r"Ponder (mem\w+?end)\.", "text": "I pondered {1}."}),
    ttft=PONDERS_SECONDS,
)

PROMISED, RUNS_NOW, CANCELLED = "📌 promised", "▶️", "🗑 cancelled"
"""How receipts begin."""


def memo_of(token: str) -> str:
    return f"mem{token.removeprefix('rid')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the model does for one message before it answers, and what is told later."""

    name: str
    steps: tuple[Json, ...]
    """Calls, one a step. ``{core}`` is the token without its beginning, ``{delay}`` a number."""
    receipts: tuple[str, ...] = (PROMISED,)
    """Those that make it a promise."""
    told: tuple[str, ...] = ()
    """Words of what is told later, once; nothing for what only gives another wish up."""
    find: str = ""
    """A regex for ``{id}`` in what the model was shown of the results of tools."""

    @property
    def gives_up(self) -> bool:
        return not self.told

    def rule(self) -> Rule:
        """Give what makes the model do it."""
        steps = [*({"tool_calls": [call]} for call in self.steps), {"text": "{acks}"}]
        find = {"id": self.find} if self.find else {}
        return Rule.from_json(
            {"match": MATCH.replace("{name}", self.name), "find": find, "steps": steps}
        )


def _call(name: str, **arguments: object) -> Json:
    return {"name": name, "arguments": arguments}


def _remind(name: str) -> Wish:
    call = _call("schedule", text="mem{core}", kind="reminder", delay_seconds="{delay}")
    return Wish(name=name, steps=(call,), told=("⏰ {memo}",))


def _task(name: str, kind: str, payload: Json, told: str) -> Wish:
    call = _call("create_task", description="mem{core}", kind=kind, payload=payload)
    return Wish(name=name, steps=(call,), told=("{memo}", told))


def _tasks(name: str, first: Json, *told: str) -> Wish:
    """Make one task and two that wait, one for the other."""
    first = {"name": "first", "description": "mem{core}", **first}
    second = {
        "name": "second",
        "description": "the sum",
        "kind": "tool_call",
        "payload": _calculate("6*7"),
        "after": ["first"],
    }
    third = {
        "name": "third",
        "description": "the thought",
        "kind": "llm_prompt",
        "payload": {"prompt": "Think of mem{core}."},
        "after": ["second"],
    }
    call = _call("create_tasks", tasks=[first, second, third])
    return Wish(name=name, steps=(call,), told=("📋", "{memo}", *told))


def _calculate(expression: str) -> Json:
    return {"tool": "calculate", "arguments": {"expression": expression}}


REMIND = _remind("remind")
PROMPT = Wish(
    name="prompt",
    steps=(
        _call("schedule", text="Think of mem{core}.", kind="llm_prompt", delay_seconds="{delay}"),
    ),
    told=("I thought of {memo}.",),
)
REPEAT = Wish(
    name="repeat",
    steps=(
        _call("schedule", text="mem{core}", kind="reminder", every_seconds=36_000),
        _call("update_job", id="{id}", action="run_now"),
    ),
    receipts=(PROMISED, RUNS_NOW),
    told=("⏰ {memo}",),
    find=r'Scheduled\. (\w+): reminder "mem{core}',
)
SAY = _task("say", "reminder", {"text": "It is time."}, "✅")
ASK = _task("ask", "llm_prompt", {"prompt": "Think of mem{core}."}, "I thought of {memo}.")
CALL = _task("call", "tool_call", _calculate("6*7"), "42")
FAIL = _task("fail", "tool_call", _calculate("1/0"), "⚠️ I could not do this")
CHAIN = _tasks(
    "chain",
    {"kind": "reminder", "payload": {"text": "Begin."}},
    "All 3 tasks are over, 3 of them done.",
    "I thought of {memo}.",
)
BROKEN = _tasks(
    "broken",
    {"kind": "tool_call", "payload": _calculate("1/0")},
    "All 3 tasks are over, 0 of them done.",
)
LATER = _remind("later")
FORGET = Wish(
    name="forget",
    steps=(_call("list_jobs"), _call("cancel_job", id="{id}")),
    receipts=(CANCELLED,),
    find=r"- (\w+), [^\n]*mem{target}",
)
PONDER = _task("ponder", "llm_prompt", {"prompt": "Ponder mem{core}."}, "I pondered {memo}.")
DROP = Wish(
    name="drop",
    # It knows the id from when it made it. Failures that a list quotes would call for permission.
    steps=(_call("cancel_task", id="{id}"),),
    receipts=(CANCELLED,),
    find=r"- (\w+), [^\n]*mem{target}",
)
LASTING = (REMIND, PROMPT, REPEAT, SAY, ASK, CALL, FAIL, CHAIN, BROKEN)
GIVEN_UP = {LATER.name: FORGET, PONDER.name: DROP}
"""Each with what gives it up."""
WISHES = {wish.name: wish for wish in (*LASTING, LATER, FORGET, PONDER, DROP)}


def rules() -> list[Rule]:
    return [THINKING, PONDERING, *(wish.rule() for wish in WISHES.values())]


class Wishers:
    """People who want something, and some of them after all not."""

    def __init__(self) -> None:
        self.given_up: dict[str, str] = {}
        """Tokens of what somebody wanted, each with that of the message that takes it back."""
        self._regretted: dict[int, Sent] = {}
        """By chat: what its next message takes back."""

    def write(
        self, installation: Installation, rng: random.Random, chat_id: int, number: int
    ) -> Sent:
        """Implements `tests.crash.load.Write`."""
        regretted = self._regretted.pop(chat_id, None)
        if regretted is None:
            wish = rng.choice((*LASTING, LATER, PONDER))
            delay = rng.randint(1, MOST_SECONDS) + (HEAD_START if wish is LATER else 0)
            token = installation.say(chat_id, f"Wish {wish.name} {delay}")
        else:
            wish = GIVEN_UP[regretted.errand]
            token = installation.say(chat_id, f"Wish {wish.name} 0 {memo_of(regretted.token)}")
            self.given_up[regretted.token] = token
        sent = Sent(chat_id=chat_id, number=number, token=token, errand=wish.name)
        if wish.name in GIVEN_UP:
            self._regretted[chat_id] = sent
        return sent

    def load(self) -> Load:
        return Load(
            write=self.write,
            per_second=8.0,
            longest_life=1.2,
            # Two times of three on one or the other side of a change.
            crash_points=tuple(point for name in OF_MESSAGES for point in ("P8", name, "P9")),
        )
