"""A circuit's times on the grid of its time steps, and what that does to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit
from halfbrain.connectivity.value import GIVEN, LOGNORMAL, NORMAL, UNIFORM, WINDOW, Drawn
from halfbrain.engine.point.drawing import Drawing
from halfbrain.equations.steps import is_moved, time_text, whole_steps
from halfbrain.errors import warn
from halfbrain.program.point import rest_of


def tell_moved(circuit: Circuit, drawings: Sequence[Drawing], dt: float) -> None:
    """Say a line for each refractory time and delay that is no whole number of steps.

    Delays of a distribution are between the steps nearly always, and are not told of.
    """
    rests: dict[float, list[str]] = {}
    for population in circuit.populations:
        if isinstance(population.model, Neuron):
            seconds = rest_of(population.model.refractory)
            if seconds is not None and is_moved(seconds, dt):
                rests.setdefault(seconds, []).append(population.name)
    for seconds, names in rests.items():
        whole_steps(seconds, dt, f"refractory of {_listed(names)}")
    delays: dict[float, list[str]] = {}
    for drawing in drawings:
        name, delay = drawing.projection.name, drawing.rows.delay
        if delay.kind == GIVEN:
            moved = int(is_moved(delay.given, dt).sum())
            if moved:
                warn(
                    f"delays of {name}: {moved:,} of {len(delay.given):,} are between time steps "
                    f"of {time_text(dt)}; each is taken as the nearest, halfway as the later"
                )
        elif (only := _only(delay)) is not None and is_moved(only, dt):
            delays.setdefault(only, []).append(name)
    for seconds, names in delays.items():
        whole_steps(seconds, dt, f"delay of {_listed(names)}")


def _only(value: Drawn) -> float | None:
    """The one number that comes out, if there is but one."""
    if value.other is not None:
        return None
    if value.kind == LOGNORMAL:
        return float(np.exp(value.a)) if value.b == 0 else None
    if value.kind in (NORMAL, WINDOW):
        return value.a if value.b == 0 else None
    if value.kind == UNIFORM:
        return value.a if value.a == value.b else None
    return value.a


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
