"""The unit in which a receptor counts what arrives.

Arrivals are summed as whole numbers, so a sum does not depend on its order, and a synapse can hold
its weight in 16 bits, in 32 or in 64. Where all weights onto a receptor are whole multiples of the
smallest, that is the unit, and nothing is rounded. Else the unit is so large that the most that may
arrive at once can still be counted, and so small that a weight is kept to a thousandth of itself.
Sums are of 32 bits in single precision; where no unit does both in those, they are of 64.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from halfbrain.connectivity.value import CONSTANT, GIVEN, LOGNORMAL, UNIFORM, Drawn
from halfbrain.errors import CircuitError, warn

ROOM = 16  # a plastic weight may grow to this many times the largest at the start
PACKED_MOST = 2**15 - 1  # of a weight in 16 bits, in units
WIDE_MOST = 2**31 - 1  # of one in 32 bits
_KEPT = 500  # units of a weight that is kept to a thousandth
_PLASTIC_UNITS = 256  # units of a usual plastic weight
_LOST = 16  # units of a usual weight, below which its kind is lost
_FINEST = {False: 2.0**20, True: 2.0**45}  # no need for more units in a weight
# Two in a million drawn weights are smaller than what is kept to a thousandth; of distributions
# that go through 0 two in a hundred, which are nothing beside the others.
_SIGMAS, _NEAR_ZERO = 4.61, 0.02


@dataclass(frozen=True)
class Arrival:
    """What one projection or drive sends to each neuron, in SI.

    ``largest`` and ``smallest`` bound the size of its weights, those that are 0 and the
    least of drawn ones apart, ``typical`` is the usual size, and ``most`` bounds what all send in
    one step. ``drawn`` weights lie in memory in units, one for each synapse.
    """

    largest: float
    smallest: float
    typical: float
    most: float
    drawn: bool = False
    plastic: bool = False

    @property
    def wanted(self) -> float:
        """The largest unit that keeps its weights."""
        return self.typical / _PLASTIC_UNITS if self.plastic else self.smallest / _KEPT


def typical(weight: Drawn) -> float:
    """The usual size of a weight, without those that are 0; of a mixture, the lesser one."""
    if weight.other is not None:
        return _least_of(typical(part) for part in _parts(weight))
    if weight.kind == CONSTANT:
        return abs(weight.a)
    if weight.kind == LOGNORMAL:
        return math.exp(weight.a)
    if weight.kind == UNIFORM:
        return max(abs(weight.low + weight.high) / 2, (weight.high - weight.low) / 4)
    if weight.kind == GIVEN:
        sizes = np.abs(weight.given)
        return float(sizes.sum() / max(np.count_nonzero(sizes), 1))
    return math.hypot(weight.a, weight.b)


def smallest(weight: Drawn) -> float:
    """The least size of a weight that is not 0; of drawn ones, what nearly all are above."""
    if weight.other is not None:
        return _least_of(smallest(part) for part in _parts(weight))
    if weight.kind == CONSTANT:
        return abs(weight.a)
    if weight.kind == LOGNORMAL:
        return math.exp(weight.a - _SIGMAS * weight.b)
    if weight.kind == GIVEN:
        return float(np.abs(weight.given[weight.given != 0]).min(initial=math.inf))
    low, high = weight.low, weight.high
    if weight.kind != UNIFORM:
        low = max(low, weight.a - _SIGMAS * weight.b)
        high = min(high, weight.a + _SIGMAS * weight.b)
    end = max(low, -high, 0.0)
    if weight.kind == UNIFORM:
        return max(end, _NEAR_ZERO * (high - low) / (2 if low < 0 < high else 1))
    # The density at 0, as far as it is that of what is around.
    at_zero = math.exp(-0.5 * (weight.a / weight.b) ** 2) / (weight.b * math.sqrt(2 * math.pi))
    around = weight.b**2 / max(abs(weight.a), weight.b)
    return max(end, min(_NEAR_ZERO / (2 * at_zero) if at_zero else math.inf, around))


def _parts(weight: Drawn) -> tuple[Drawn, ...]:
    return (replace(weight, other=None), *([weight.other] if weight.other else []))


def _least_of(sizes: Iterable[float]) -> float:
    return min((size for size in sizes if size > 0), default=0.0)


def fits(arrivals: Sequence[Arrival]) -> bool:
    """Whether sums of 32 bits hold the most at once, and keep the least weight too."""
    loud = [a for a in arrivals if a.largest > 0]
    return not loud or _whole(loud, False) > 0 or _least(loud, False) <= _wanted(loud)


def quantum(arrivals: Sequence[Arrival], double: bool, wide: bool, place: str) -> float:
    """The unit of a receptor, in SI; ``wide`` sums are of 64 bits.

    A line is said where the least weights are not kept to a thousandth.

    Raises
    ------
    CircuitError
        if no unit holds both the most that may arrive at once and the usual weight.
    """
    loud = [a for a in arrivals if a.largest > 0]
    if not loud:
        return 1.0
    unit = _whole(loud, wide) or _fine(loud, double, wide, place)
    if not double and unit < np.finfo(np.float32).tiny:
        raise CircuitError(
            f"{place}: weights of {min(a.smallest for a in loud):.2g} (SI) are too small for "
            f"float32; use float64, or another unit"
        )
    return unit


def _whole(loud: Sequence[Arrival], wide: bool) -> float:
    """The smallest weight, if all are whole multiples of it; else 0."""
    unit = min(a.largest for a in loud)
    if any(a.drawn or a.plastic for a in loud) or _least(loud, wide) > unit:
        return 0.0
    ratios = [a.largest / unit for a in loud]
    return unit if all(math.isclose(r, round(r), rel_tol=1e-12) for r in ratios) else 0.0


def _fine(loud: Sequence[Arrival], double: bool, wide: bool, place: str) -> float:
    least, wanted = _least(loud, wide), _wanted(loud)
    largest = max(a.largest for a in loud)
    if least > min(a.typical for a in loud) / _LOST:
        raise CircuitError(
            f"{place}: with weights from about {min(a.typical for a in loud):.2g} to "
            f"{largest:.2g} (SI), of which {sum(a.most for a in loud):.2g} may come at once, the "
            f"small ones are lost; bring them nearer to each other"
        )
    if least > wanted:
        warn(
            f"{place}: weights go up to {largest:.2g} (SI), so that those below "
            f"{least * _KEPT:.2g} are kept to less than a thousandth; {least:.2g} is the unit"
        )
    drawn = max((a.largest for a in loud if a.drawn), default=0.0)
    packed, narrow = max(least, drawn / PACKED_MOST), max(least, drawn / WIDE_MOST)
    if drawn and not double and packed <= wanted:
        return packed
    least = narrow if narrow <= wanted else least
    return max(least, min(wanted, largest / _FINEST[double]))


def _least(loud: Sequence[Arrival], wide: bool) -> float:
    """The smallest unit: half of what can be counted is for what rounding adds."""
    return sum(a.most for a in loud) / (2.0**61 if wide else 2.0**30)


def _wanted(loud: Sequence[Arrival]) -> float:
    """The largest unit that keeps all weights."""
    return min(a.wanted for a in loud)
