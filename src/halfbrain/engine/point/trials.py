"""What is done to a circuit between the trials of an experiment."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.connectivity import rows
from halfbrain.engine.point import plastic
from halfbrain.engine.point.connections import connections, places_in
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.learn import scale
from halfbrain.engine.point.synapses import LONG_PAST
from halfbrain.errors import CircuitError, RunError
from halfbrain.program.point import LONG_AGO, SINCE


def forget(simulation: PointGroup, step: int | None = None) -> None:
    """Take all spikes of the past away, once what they did to weights is made up.

    Afterwards no spike is on its way, no neuron rests from one, and every trace is 0. Weights and
    all other states stay.

    Parameters
    ----------
    simulation
        at the end of a trial.
    step
        which step comes next, and so which random numbers: a trial that begins at a step of its own
        is the same whatever was before it. Default: the step that would come anyway.

    Raises
    ------
    RunError
        if a step is given and the circuit plays out given spikes, which have their own times.
    """
    for t, state in enumerate(simulation.plastics):
        if state is None:
            continue
        _make_up(simulation, t)
        # A trace that was set as long ago as this has fallen to 0.
        state.last[:] = LONG_PAST
        for part in range(simulation.layout.parts):
            state.post_last[part][:] = LONG_PAST
            state.post_count[part][:] = 0
    simulation.plan.counts[:] = 0
    for neurons in simulation.neurons_of.values():
        neurons.write(SINCE, np.float64(LONG_AGO))
    if step is not None and step != simulation.step:
        if len(simulation.plan.given):
            name = simulation.circuit.name
            raise RunError(f"circuit {name!r}: its given spikes have steps of their own")
        simulation.step = step
        for t in range(len(simulation.plastics)):
            simulation.plan.rules[t, :, plastic.FLUSHED] = step - 1


class Normalisation:
    """Scales the weights onto each target of a plastic projection to one sum.

    Parameters
    ----------
    simulation
        whose weights it scales.
    projection
        which of the circuit's projections.
    total
        the sum of the weights' sizes, SI.

    Raises
    ------
    CircuitError
        if the projection is not plastic.
    """

    def __init__(self, simulation: PointGroup, projection: int, total: float) -> None:
        drawing = simulation.drawings[projection]
        if not drawing.projection.plasticity:
            raise CircuitError(
                f"projection {drawing.projection.name}: only plastic weights can be scaled"
            )
        self._simulation, self._total = simulation, total
        self._table = next(i for i, t in enumerate(simulation.tables) if t.drawings == (drawing,))
        found = connections(drawing, simulation.dt, None)
        table = simulation.tables[self._table]
        self._targets = found.targets
        self._places = places_in(table, simulation.layout, found, simulation.dt)
        self._sums = np.zeros(int(drawing.rows.numbers[rows.TARGETS]))

    def apply(self) -> None:
        """Scale the weights as they are now; a target whose weights are all 0 keeps them.

        Sums are in double precision and in the order of the sources, so that they do not depend
        on the number of threads.
        """
        _make_up(self._simulation, self._table)
        weights: NDArray[Any] = self._simulation.tables[self._table].weights
        scale(self._targets, self._places, weights, self._sums, self._total)


def _make_up(simulation: PointGroup, table: int) -> None:
    """Make up what spikes did to a table's weights, unless that has just been done."""
    state = simulation.plastics[table]
    done = simulation.plan.rules[table, :, plastic.FLUSHED] == simulation.step - 1
    if state is not None and state.rule.remembers and not done.all():
        simulation.events[0, table, 1] += simulation.plan.flush(table, simulation.step)
