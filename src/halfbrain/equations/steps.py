"""Times as numbers of time steps: one rule, wherever a time is given.

A time is the nearest step; halfway between two it is the later one. Halfway is up to a millionth of
a step less, since 0.15 ms / 0.1 ms is 1.4999999999999998. What is to happen at a time (a given
spike) happens in the step that holds it; a time on a step's edge, give or take as much, is that
step's.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError, warn

SLACK = 1e-6  # of a step
MOST = 2**31 - 1  # steps that a run can have

Times = TypeVar("Times", float, NDArray[np.float64])


def nearest_step(times: Times, dt: float) -> Times:
    """The nearest step of a time, or of each of some; compiled code takes it too."""
    return np.floor(times / dt + (0.5 + SLACK))  # type: ignore[no-any-return]


def step_holding(times: Times, dt: float) -> Times:
    """The step that a time lies in, or that each of some does."""
    return np.floor(times / dt + SLACK)  # type: ignore[no-any-return]


def is_moved(times: Times, dt: float) -> NDArray[np.bool_]:
    """Whether taking a time as a step moves it by more than the rounding of its numbers."""
    ratio = np.asarray(times, np.float64) / dt
    slack = np.maximum(SLACK, 4 * np.finfo(np.float64).eps * np.abs(ratio))
    return np.asarray(np.abs(ratio - np.floor(ratio + (0.5 + SLACK))) > slack)


def whole_steps(seconds: float, dt: float, what: str, *, least: int = 0, most: int = MOST) -> int:
    """A time in steps; where that moves it, a line says so and begins with ``what``.

    Raises
    ------
    RunError
        one line, if those are not ``least`` to ``most``.
    """
    if not nearest_step(seconds, dt) >= least:
        less = f"less than half a time step of {time_text(dt)}" if seconds >= 0 else "no time ahead"
        raise RunError(f"{what}: {time_text(seconds)} is {less}")
    if not nearest_step(seconds, dt) <= most:
        limit = f"the {most:,} time steps of {time_text(dt)} that there can be"
        raise RunError(f"{what}: {time_text(seconds)} is more than {limit}")
    steps = int(nearest_step(seconds, dt))
    if is_moved(seconds, dt):
        warn(
            f"{what}: {time_text(seconds)} is {seconds / dt:.9g} time steps of {time_text(dt)}; "
            f"it is taken as {steps}, which are {time_text(steps * dt)}"
        )
    return steps


def time_text(seconds: float) -> str:
    """A time as people write it: 0.1 ms, 2 s."""
    small = abs(seconds) < 1
    return f"{seconds * 1e3 if small else seconds:.9g} {'ms' if small else 's'}"
