"""What became of every message, by the chats, the model's ledger and the log."""

import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.crash.load import Sent
from tests.crash.verdict import aligned, compare
from tests.e2e.process import ANSWER
from tests.peers.telegram.wire import Json

ATTEMPTS = 3
"""Submissions of one question before it is put off."""

MOST_GIVEN_UP = 0.01
"""Share of the messages that may be answered with an apology: who is put off five times with
half of everything failing is unlucky, and not forgotten."""

GAVE_UP = "a model failed"
"""What the log says when a question was submitted as often as it may be, and failed."""

LOG_RESOLUTION = 0.001
"""Seconds that a line of the log may seem older than it is."""

_REFERENCE = re.compile(r"\(reference (m\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A question that reached the model's server."""

    token: str
    """Of the message it was asked for."""
    round: int
    """How many times tools had been called for it before."""
    at: float
    """Seconds since 1970."""
    fault: str
    """What the server did to it; empty when it answered."""
    outcome: str

    @property
    def answered(self) -> bool:
        return not self.fault and self.outcome == "ok"


def submissions(records: Iterable[Json], *, since: float) -> list[Submission]:
    """Read the model's ledger.

    Args:
        since: when its clock stood at 0, in seconds since 1970.
    """
    return [
        Submission(
            token=" ".join(record.get("tokens", ())),
            round=record.get("round", 0),
            at=record["t_start"] + since,
            fault=record.get("fault", ""),
            outcome=record["outcome"],
        )
        for record in records
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message that somebody got."""

    chat_id: int
    text: str
    at: float
    """Seconds since 1970."""

    @property
    def answers(self) -> list[str]:
        """The tokens of the messages it answers."""
        return ["rid" + ack[3:] for ack in re.findall(ANSWER, self.text)]

    @property
    def reference(self) -> str:
        """Of the message it is about, when it is a notice or an apology."""
        found = _REFERENCE.search(self.text)
        return found[1] if found else ""

    @property
    def is_notice(self) -> bool:
        """True when it says that the answer will come."""
        return self.text.startswith("⏳") and bool(self.reference)

    @property
    def is_apology(self) -> bool:
        """True when it says that the answer will not come."""
        return self.text.startswith("⚠️") and bool(self.reference)


def failed_chains(log: str) -> dict[str, list[float]]:
    """Read when questions were given up for the time being, by the reference of their message."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for line in log.splitlines():
        if GAVE_UP not in line:
            continue
        said = json.loads(line)
        if said["message"] == GAVE_UP:
            moment = datetime.fromisoformat(said["time"]).timestamp()
            found[said["request_id"]].append(moment + LOG_RESOLUTION)
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything there is to judge by."""

    sent: Sequence[Sent]
    references: Mapping[str, str]
    """By token: the reference of the message."""
    rounds: Mapping[str, int]
    """By token: questions its errand takes."""
    seen: Sequence[Seen]
    """In order."""
    submissions: Sequence[Submission]
    failed_chains: Mapping[str, Sequence[float]]
    """See `failed_chains`."""
    surprises: Sequence[str]
    """Of the process: it died, it logged a traceback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The figures of one run. Whatever is named in a list should not have happened."""

    turns: int
    submitted: int
    failed: int
    """Submissions that the server let fail."""
    chains: int
    put_off: int
    """Chains that came to nothing."""
    notices: int
    longest_chain: int
    given_up: Sequence[str]
    """Messages that were answered with an apology, which counts as their answer."""
    unanswered: Sequence[str]
    twice: Sequence[str]
    """Messages that were answered more than once."""
    disorder: int
    too_many_notices: Sequence[str]
    """Messages with a second notice, or one behind their answer."""
    strange: Sequence[str]
    """What people saw that is neither an answer nor a notice."""
    long_chains: Sequence[str]
    """Questions that were submitted too often before they were put off."""
    billed_twice: Sequence[str]
    """Questions that were submitted again after they had been answered."""
    unaccounted: Sequence[str]
    """Questions that the server did not answer, and whose answer was taken for good."""
    surprises: Sequence[str]

    @property
    def faults(self) -> dict[str, Sequence[str]]:
        names = (
            "unanswered",
            "twice",
            "too_many_notices",
            "strange",
            "long_chains",
            "billed_twice",
            "unaccounted",
            "surprises",
        )
        return {name: getattr(self, name) for name in names}

    @property
    def passed(self) -> bool:
        if len(self.given_up) > MOST_GIVEN_UP * self.turns:
            return False
        return self.turns > 0 and not self.disorder and not any(self.faults.values())

    def table(self) -> str:
        """Show the figures as aligned columns, in two rows of them."""
        share = self.failed / self.submitted if self.submitted else 0.0
        course = {
            "turns": self.turns,
            "submitted": self.submitted,
            "failed": f"{self.failed} ({share:.0%})",
            "chains": self.chains,
            "put off": self.put_off,
            "longest chain": self.longest_chain,
            "notices": self.notices,
            "given up": len(self.given_up),
        }
        judged = {
            "disorder": self.disorder,
            **{name.replace("_", " "): len(found) for name, found in self.faults.items()},
            "verdict": "ok" if self.passed else "FAILED",
        }
        return "\n".join(
            aligned([tuple(figures), tuple(map(str, figures.values()))])
            for figures in (course, judged)
        )

    def details(self) -> str:
        """Name what should not have happened."""
        lines = (f"  {name}: {what}" for name, found in self.faults.items() for what in found[:20])
        return "".join(f"{line}\n" for line in lines)


def judge(evidence: Evidence) -> Verdict:
    """Compare what was to happen with what did."""
    ends = list(_ends(evidence))
    answers = [token for token, _ in ends]
    outcome = compare(evidence.sent, answers, ())
    chains = _chains(evidence)
    given_up = [token for token, seen in ends if seen.is_apology]
    return Verdict(
        turns=len(evidence.sent),
        submitted=len(evidence.submissions),
        failed=sum(bool(each.fault) for each in evidence.submissions),
        chains=len(chains),
        put_off=sum(map(len, evidence.failed_chains.values())),
        notices=sum(seen.is_notice for seen in evidence.seen),
        longest_chain=max(map(len, chains.values()), default=0),
        given_up=given_up,
        unanswered=outcome.lost,
        twice=[token for token, times in Counter(answers).items() if times > 1],
        disorder=outcome.disorder,
        too_many_notices=list(_too_many_notices(evidence)),
        strange=list(_strange(evidence)),
        long_chains=[
            f"{token} round {number}: {len(chain)} submissions in one go"
            for (token, number, _), chain in chains.items()
            if len(chain) > ATTEMPTS
        ],
        billed_twice=list(_billed_twice(evidence)),
        unaccounted=list(_unaccounted(evidence, given_up)),
        surprises=evidence.surprises,
    )


def _ends(evidence: Evidence) -> Iterator[tuple[str, Seen]]:
    """Give what ended each message, an answer or an apology, in the order people saw it."""
    tokens = {reference: token for token, reference in evidence.references.items()}
    for seen in evidence.seen:
        if seen.is_apology and seen.reference in tokens:
            yield tokens[seen.reference], seen
        for token in seen.answers:
            yield token, seen


def _strange(evidence: Evidence) -> Iterator[str]:
    references = set(evidence.references.values())
    for seen in evidence.seen:
        if not seen.answers and seen.reference not in references:
            yield f"{seen.chat_id} saw {seen.text[:200]!r}"
    known = {message.token for message in evidence.sent}
    for each in evidence.submissions:
        if each.token not in known:
            yield f"the model was asked {each}"


def _too_many_notices(evidence: Evidence) -> Iterator[str]:
    tokens = {reference: token for token, reference in evidence.references.items()}
    told: set[str] = set()
    ended: set[str] = set()
    ends = {seen: token for token, seen in _ends(evidence)}
    for seen in evidence.seen:
        if seen in ends:
            ended.add(ends[seen])
        if seen.is_notice:
            token = tokens.get(seen.reference, seen.reference)
            if token in told:
                yield f"{token}: a second notice"
            if token in ended:
                yield f"{token}: a notice behind the answer"
            told.add(token)


def _chains(evidence: Evidence) -> dict[tuple[str, int, int], list[Submission]]:
    """Sort submissions by message, round, and how often it had been put off before."""
    chains: defaultdict[tuple[str, int, int], list[Submission]] = defaultdict(list)
    for each in evidence.submissions:
        reference = evidence.references.get(each.token, "")
        before = bisect_left(evidence.failed_chains.get(reference, ()), each.at)
        chains[each.token, each.round, before].append(each)
    return dict(chains)


def _billed_twice(evidence: Evidence) -> Iterator[str]:
    ends = {token: seen.at for token, seen in reversed(list(_ends(evidence)))}
    answered: set[tuple[str, int]] = set()
    for each in evidence.submissions:
        question = f"{each.token} round {each.round}"
        if (each.token, each.round) in answered:
            yield f"{question}: submitted again after the model had answered it"
        if each.at > ends.get(each.token, each.at):
            yield f"{question}: submitted after its person had the answer"
        if each.answered:
            answered.add((each.token, each.round))


def _unaccounted(evidence: Evidence, given_up: Collection[str]) -> Iterator[str]:
    answered = {(each.token, each.round) for each in evidence.submissions if each.answered}
    for token, rounds in evidence.rounds.items():
        for number in range(rounds):
            if (token, number) not in answered and token not in given_up:
                yield f"{token} round {number}"
