"""The unit in which a receptor counts what arrives.

Arrivals are summed as whole numbers, so a sum does not depend on its order, and a synapse can hold
its weight in 16 bits, or in 32. Where all weights onto a receptor are whole multiples of the
smallest, that is the unit, and nothing is rounded. Else the unit is so large that the most that may
arrive at once can still be counted, and so small that no kind of weight is lost in the rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from halfbrain.circuits.value import CONSTANT, GIVEN, LOGNORMAL, NORMAL, Drawn
from halfbrain.errors import CircuitError

ROOM = 16  # a plastic weight may grow to this many times the largest at the start
PACKED_MOST = 2**15 - 1  # of a weight in 16 bits, in units
_WIDE_MOST = 2**31 - 1
# How many units a usual weight has at least: what rounding does to drawn ones averages out.
_DRAWN_UNITS, _UNITS = 16, 256
_FINEST = {False: 2.0**20, True: 2.0**45}  # no need for more units in a weight


@dataclass(frozen=True)
class Arrival:
    """What one projection or drive sends to each neuron.

    ``largest`` bounds the size of a weight and ``typical`` is the usual one, SI; ``at_once`` bounds
    how many come in a step. ``drawn`` weights lie in memory in units, one for each synapse.
    """

    largest: float
    typical: float
    at_once: float
    drawn: bool = False
    plastic: bool = False


def typical(weight: Drawn) -> float:
    """The usual size of a weight, without those that are 0; of a mixture, the lesser one."""
    if weight.other is not None:
        parts = [typical(part) for part in (replace(weight, other=None), weight.other)]
        return min((part for part in parts if part > 0), default=0.0)
    if weight.kind == CONSTANT:
        return abs(weight.a)
    if weight.kind == LOGNORMAL:
        return math.exp(weight.a)
    if weight.kind == NORMAL:
        return math.hypot(weight.a, weight.b)
    if weight.kind == GIVEN:
        sizes = np.abs(weight.given)
        return float(sizes.sum() / max(np.count_nonzero(sizes), 1))
    return max(abs(weight.low + weight.high) / 2, (weight.high - weight.low) / 4)


def quantum(arrivals: Sequence[Arrival], double: bool, place: str) -> float:
    """The unit of a receptor, in SI.

    Raises
    ------
    CircuitError
        if no unit holds both the most that may arrive at once and the least weight.
    """
    loud = [a for a in arrivals if a.largest > 0]
    if not loud:
        return 1.0
    # Half of what can be counted: the rest is for what rounding adds.
    counted = 2.0**61 if double else 2.0**30
    least = sum(a.largest * a.at_once for a in loud) / counted
    if not any(a.drawn or a.plastic for a in loud):
        smallest = min(a.largest for a in loud)
        ratios = [a.largest / smallest for a in loud]
        if least <= smallest and all(math.isclose(r, round(r), rel_tol=1e-12) for r in ratios):
            return smallest
    largest_drawn = max((a.largest for a in loud if a.drawn), default=0.0)
    least = max(least, largest_drawn / _WIDE_MOST)
    wanted = min(a.typical / (_DRAWN_UNITS if a.drawn else _UNITS) for a in loud)
    if least > wanted:
        raise CircuitError(
            f"{place}: with weights from about {min(a.typical for a in loud):.2g} to "
            f"{max(a.largest for a in loud):.2g} (SI), and up to "
            f"{sum(a.at_once for a in loud):,.0f} spikes at once, the small ones are lost; "
            + ("bring them nearer to each other" if double else "use float64")
        )
    if largest_drawn and not double:
        packed = max(least, largest_drawn / PACKED_MOST)
        if packed <= wanted:
            return packed
    return max(least, min(wanted, max(a.largest for a in loud) / _FINEST[double]))
