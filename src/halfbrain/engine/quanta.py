"""The unit in which a receptor counts what arrives.

Arrivals are summed as whole numbers, so a sum does not depend on its order, and a synapse can hold
its weight in 16 bits (single precision) or 32 (double). Where all weights onto a receptor are whole
multiples of the smallest, that is the unit, and nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from halfbrain.errors import CircuitError

_PLASTIC_ROOM = 16  # a plastic weight may grow to this many times the largest at the start


@dataclass(frozen=True)
class Arrival:
    """What one projection or drive sends: its largest weight, and how many at once at most."""

    largest: float
    at_once: float
    constant: bool
    plastic: bool = False


def quantum(arrivals: Sequence[Arrival], double: bool, place: str) -> float:
    """The unit of a receptor, in SI.

    Raises
    ------
    CircuitError
        if so much may arrive at once that no unit holds both it and a single weight.
    """
    loud = [a for a in arrivals if a.largest > 0]
    if not loud:
        return 1.0
    largest = max(a.largest * (_PLASTIC_ROOM if a.plastic else 1) for a in loud)
    at_once = sum(a.at_once for a in loud)
    capacity = (2**62 if double else 2**31 - 1) / at_once
    if all(a.constant for a in loud):
        smallest = min(a.largest for a in loud)
        ratios = [a.largest / smallest for a in loud]
        if max(ratios) <= capacity and all(
            math.isclose(r, round(r), rel_tol=1e-12) for r in ratios
        ):
            return smallest
        levels = min(capacity, 2.0**45 if double else 2.0**20)
    else:
        levels = min(capacity, 2.0**31 - 1 if double else 2.0**15 - 1)
        if any(a.plastic for a in loud):
            levels = min(capacity, 2.0**40 if double else 2.0**19)
    if levels < 256:
        raise CircuitError(
            f"{place}: up to {at_once:,.0f} synapses may reach one neuron at once, which is more "
            f"than can be counted; use float64"
        )
    return largest / levels
