"""The cost of a piece of work, counted and timed, and its share of the roofline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from halfbrain.program.operations import FLOP, Kind


class Ceilings(Protocol):
    """What a machine can do at most, by precision or for all; see ``halfbrain.metering``."""

    @property
    def flop_per_second(self) -> Mapping[str, float]:
        """Floating-point operations."""
        ...

    @property
    def exp_per_second(self) -> Mapping[str, float]:
        """Exponentials."""
        ...

    @property
    def divisions_per_second(self) -> Mapping[str, float]:
        """Divisions."""
        ...

    @property
    def draws_per_second(self) -> float:
        """Random numbers."""
        ...

    @property
    def bytes_per_second(self) -> float:
        """Bytes between processor and memory."""
        ...

    @property
    def cached_bytes_per_second(self) -> float:
        """Bytes between processor and cache."""
        ...

    @property
    def scattered_adds_per_second(self) -> float:
        """Additions to places that nobody foresees."""
        ...


@dataclass(frozen=True)
class Cost:
    """Operations by kind, bytes moved, synaptic events, wall seconds.

    ``cached_bytes`` are bytes moved too, but between a processor and its cache.
    """

    operations: Counter[Kind] = field(default_factory=Counter)
    bytes: int = 0
    cached_bytes: int = 0
    events: int = 0
    seconds: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.operations + other.operations,
            self.bytes + other.bytes,
            self.cached_bytes + other.cached_bytes,
            self.events + other.events,
            self.seconds + other.seconds,
        )

    def times(self, n: int) -> Cost:
        """The cost of doing this work ``n`` times, its seconds left as they are."""
        operations = Counter({kind: n * count for kind, count in self.operations.items()})
        return Cost(
            operations, n * self.bytes, n * self.cached_bytes, n * self.events, self.seconds
        )

    @property
    def flop(self) -> int:
        """Floating-point operations, a fused one as two."""
        return sum(FLOP[kind] * count for kind, count in self.operations.items())

    def roofline_seconds(self, ceilings: Ceilings, precision: str) -> float:
        """The least time in which this machine could do the work.

        The longest of arithmetic (exponentials, divisions and random numbers at their own measured
        rates), memory traffic (Williams, Waterman and Patterson 2009, doi 10.1145/1498765.1498785)
        and synaptic events, each of which is an addition to a place that nobody foresees.
        """
        of = self.operations
        slow = of["exp"] + of["divide"] + of["random"]
        arithmetic = (self.flop - slow) / ceilings.flop_per_second[precision]
        arithmetic += of["exp"] / ceilings.exp_per_second[precision]
        arithmetic += of["divide"] / ceilings.divisions_per_second[precision]
        arithmetic += of["random"] / ceilings.draws_per_second
        traffic = self.bytes / ceilings.bytes_per_second
        traffic += self.cached_bytes / ceilings.cached_bytes_per_second
        return max(arithmetic, traffic, self.events / ceilings.scattered_adds_per_second)

    def roofline_fraction(self, ceilings: Ceilings, precision: str) -> float:
        """The share of the roofline that the work reached: 1 is as fast as this machine can."""
        return self.roofline_seconds(ceilings, precision) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Phase:
    """A part of every step, with its cost since the start."""

    name: str
    cost: Cost
