"""Threads that are there before anything waits for them."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from halfbrain.errors import RunError


def threads_asked(threads: int | None) -> int:
    """How many threads a simulation has; without a number, one for each core.

    Raises
    ------
    RunError
        one line, for a number that makes no sense.
    """
    cores = os.cpu_count() or 1
    if threads is None:
        return cores
    most = max(64, 4 * cores)
    if not 1 <= threads <= most:
        raise RunError(
            f"{threads:,} threads: a simulation has 1 to {most}; this machine has {cores} cores, "
            f"and more threads than cores are slower"
        )
    return threads


def started(threads: int) -> ThreadPoolExecutor:
    """A pool whose threads all run, as threads that wait for one another must.

    Raises
    ------
    RunError
        one line, if the system gives fewer.
    """
    pool, go = ThreadPoolExecutor(threads), threading.Event()
    made = 0
    try:
        for made in range(threads):  # noqa: B007
            pool.submit(go.wait)
    except (RuntimeError, MemoryError):
        raise RunError(
            f"only {made:,} of {threads:,} threads could be started here; ask for fewer"
        ) from None
    finally:
        go.set()
    return pool
