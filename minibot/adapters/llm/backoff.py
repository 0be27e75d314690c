"""How long to wait before asking again."""

from minibot.core.settings import ModelRetry

JITTER = 0.5
"""The part of a wait that chance may add, so that many conversations do not return at once."""


def backoff(policy: ModelRetry, failures: int, *, chance: float) -> float:
    """Give the seconds to wait after so many failures in a row; `chance` is in 0..1."""
    # beyond a thousand doublings a float is infinite, and the answer the same long before
    doubled: float = policy.min_wait_seconds * 2.0 ** min(failures - 1, 64)
    return min(policy.max_wait_seconds, doubled * (1 + JITTER * chance))
