"""Threads that wait for one another begin on processors of their own.

Linux often wakes a thread on the processor of the one that woke it, and takes some 50 ms to see
that another stands idle; meanwhile each waits for its turn, and then for the other.
"""

from __future__ import annotations

import ctypes
import os
import random
from collections.abc import Callable


def _asked() -> Callable[[], int] | None:
    if not hasattr(os, "sched_setaffinity"):
        return None
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


_processor = _asked()


def move_apart(taken: set[int]) -> None:
    """Move the calling thread off the processors in ``taken``, and put its own in there.

    From there the system may move it on as ever, so that programs side by side share the machine.
    """
    if _processor is None:
        return
    here, allowed = _processor(), os.sched_getaffinity(0)
    if here in taken and allowed - taken:
        here = random.choice(sorted(allowed - taken))
        os.sched_setaffinity(0, {here})
        os.sched_setaffinity(0, allowed)
    taken.add(here)
