"""What is done between the trials of an experiment, counted."""

from __future__ import annotations

from collections import Counter

from halfbrain.engine.point.group import PointGroup
from halfbrain.program.cost import Cost, Phase
from halfbrain.program.operations import Kind

# Scaling a weight to the sum of its target's reads where it is and whose, both twice; it reads the
# weight twice and writes it once.
_BYTES = 2 * (8 + 8) + 3 * 4


def between_trials(simulation: PointGroup, projection: int, times: int, seconds: float) -> Phase:
    """The cost of scaling a projection's weights to one sum for each target.

    Parameters
    ----------
    simulation, projection
        whose weights, and which.
    times
        how often they were scaled.
    seconds
        all that passed between trials.
    """
    drawing = simulation.drawings[projection]
    targets = simulation.circuit.population(drawing.projection.target).size
    weights = times * drawing.rows.synapses
    operations = Counter[Kind]({"add": weights, "multiply": weights, "divide": times * targets})
    return Phase("between trials", Cost(operations, 0, _BYTES * weights, seconds=seconds))
