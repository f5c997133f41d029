"""Ctrl-C, held back until the work is at a point from which it can go on."""

from __future__ import annotations

import signal
import threading
from types import TracebackType

from halfbrain.engine.point.group import PointGroup


class Held:
    """While it lasts, Ctrl-C only sets ``pressed``; only the main thread hears of it."""

    def __init__(self) -> None:
        self.pressed = False

    def __enter__(self) -> Held:
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._main:
            signal.signal(signal.SIGINT, self._before)

    def run(self, simulation: PointGroup, steps: int) -> None:
        """Run a simulation to the end of a trial, which it would break off at once itself."""
        end = simulation.step + steps
        while simulation.step < end:
            try:
                simulation.run((end - simulation.step) * simulation.dt)
            except KeyboardInterrupt:
                self.pressed = True

    def _press(self, *_: object) -> None:
        self.pressed = True
