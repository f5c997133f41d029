"""Input that changes with time, as data of a circuit."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from numpy.typing import ArrayLike

from halfbrain.equations.si import Numbers
from halfbrain.morphology.places import Where


@dataclass(frozen=True, eq=False)
class Input:
    """Values that change with time and go into neurons: one of a circuit's ``inputs``.

    Each value holds from its time on until the next one, and the last one to the end.

    Parameters
    ----------
    population
        whose neurons.
    values
        shape (times,) for all alike, or (times, neurons): texts with units, quantities, or SI.
    every, times
        the time between values, from 0 s on; or the rising times of all of them. Default: one time
        step between them.
    neurons
        which, numbered in the population; default: all.
    into
        of point neurons, the state or parameter that is set.
    at
        of detailed cells, the place where the current goes in; default: the middle of the soma.

    Examples
    --------
    >>> import halfbrain as hb
    >>> given = hb.Input("E", ["0 nA", "0.3 nA", "0 nA"], every="50 ms", into="I")
    >>> given.population, given.every
    ('E', '50 ms')
    """

    population: str
    values: Any
    _: KW_ONLY
    every: Numbers | None = None
    times: Any = None
    neurons: ArrayLike | None = None
    into: str = "I_e"
    at: Where | None = None
