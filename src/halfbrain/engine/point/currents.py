"""Currents from one time to another, as an input of point neurons."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from halfbrain.circuits.current import Current
from halfbrain.engine.point.group import PointGroup

_NEVER = 2.0**40  # steps


def inject(group: PointGroup, currents: Sequence[Current]) -> None:
    """Add currents to what populations' ``I_e`` is now, each from its start to its stop.

    Times are rounded to steps. What else sets these neurons' ``I_e`` is overwritten.
    """
    for population in dict.fromkeys(current.population for current in currents):
        own = [current for current in currents if current.population == population]
        ends = [
            tuple(round(min(time / group.dt, _NEVER)) for time in (current.start, current.stop))
            for current in own
        ]
        who = np.flatnonzero(np.any([current.amplitudes for current in own], axis=0))
        if not len(who):
            continue
        steps = sorted({0, *(step for pair in ends for step in pair)})
        first = group.state(population, "I_e")
        rows = np.tile(first, (len(steps), 1))
        for row, step in zip(rows, steps, strict=True):
            for current, (start, stop) in zip(own, ends, strict=True):
                if start <= step < stop:
                    row += current.amplitudes
        group.play(population, "I_e", who, steps, rows[:, who])
