"""Ctrl-C, put off to where a run can stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_held = False  # by whoever asked first


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C back until all threads are at the same step; it is raised at the end.

    Where this is done already, it is left to whoever began.
    """
    global _held
    pressed = False
    if _held or threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return

    def press(*_: object) -> None:
        nonlocal pressed
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    _held = True
    try:
        yield lambda: pressed
    finally:
        _held = False
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
