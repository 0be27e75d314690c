"""Named instants at which a test may end the process the way ``kill -9`` would.

=====  ==========================================================
P0     a batch was received, nothing is stored
P1     the batch is stored, the channel has not confirmed it
P2     an item is claimed, no work was done
P3     the model was asked, no answer yet
P4     a tool had its effect or a topic was opened, that is not recorded yet
P5     the turn's result is stored, nothing was sent
P6     a part is marked as being sent, no byte has left
P7     the channel has accepted a part, that is not recorded yet
P8     a job or a task is about to change, that is not stored
P9     it is stored, nobody has acted on it
=====  ==========================================================

Every change of a job or a task passes the last two: that it is made, fires or begins, has come to
its end, is settled or cancelled.
"""

import os

NAMES = ("P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9")
OF_THE_AGENDA = ("P8", "P9")
"""Those that no message passes which is just answered."""


class CrashPoints:
    """Ends the process at the n-th time one of the instants is reached; inert by default."""

    def __init__(self, order: str = "") -> None:
        """Arm from text such as ``P3:17``: the seventeenth P3.

        Raises:
            ValueError: the instant is unknown or the count is not a positive number.
        """
        self._name, _, count = order.partition(":")
        if order and self._name not in NAMES:
            raise ValueError(f"unknown crash point {self._name!r}; known: {', '.join(NAMES)}")
        self._left = int(count or 1)
        if self._left < 1:
            raise ValueError(f"a crash point counts from 1, not {count!r}")

    def reach(self, name: str) -> None:
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os._exit(137)
