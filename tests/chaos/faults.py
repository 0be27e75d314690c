"""Everything that can go wrong between minibot and a model."""

from tests.peers.llm import Fault

FAULTS: list[str | dict[str, object]] = [
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 429, "retry_after": 0.2},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503},
    "drop",
    "drop_after_head",
    "hang",
    "malformed",
    "html",
    {"kind": "raw", "body": "\x00\xff\xfe not for you", "content_type": "text/event-stream"},
    "no_content",
    "empty",
    "cut_mid_stream",
    "drop_mid_stream",
    "garbage_mid_stream",
    "stall",
    {"kind": "error_mid_stream", "status": 500},
    {"kind": "error_mid_stream", "status": 429},
]
"""Kinds of `Fault`, each as likely as the others."""


def trouble(probability: float) -> Fault:
    """Make that share of all questions fail, each in a way of its own."""
    return Fault(kinds=list(FAULTS), probability=probability)
