"""What a training costs as hardware grows cheaper: a sum of parts that each halve in their time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import HalfbrainError
from halfbrain.facts.quantity import Columns, Quantity
from halfbrain.facts.table import facts
from halfbrain.forecast.assumption import ELECTRICITY, LIFETIME
from halfbrain.forecast.machine import Costs
from halfbrain.forecast.trends import Trends

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A cost in USD on a machine of today, and the years in which it halves."""

    about: str
    today: Quantity
    halving: Quantity


@dataclass(frozen=True)
class Falling:
    """Machines and electricity, of each the dearest part; electricity costs at least ``floor``.

    Of machines: those for the arithmetic, for the memory traffic, and those that must hold the
    state, if only for a while. ``floor`` is the electricity at Landauer's limit, None where
    operations are not what is counted.
    """

    machines: tuple[Part, ...]
    electricity: tuple[Part, ...]
    floor: Quantity | None

    @property
    def quantities(self) -> Iterator[Quantity]:
        """Everything that the cost rests on."""
        for part in (*self.machines, *self.electricity):
            yield from (part.today, part.halving)
        if self.floor is not None:
            yield self.floor

    def drawn(self, columns: Columns) -> Drawn:
        """The same on draws."""
        return Drawn(
            _sampled(self.machines, columns),
            _sampled(self.electricity, columns),
            np.zeros(1) if self.floor is None else self.floor.sample(columns),
        )


_Sampled = list[tuple[str, Array, Array]]  # what it is, log2 of today's cost, halvings a year


def _sampled(parts: tuple[Part, ...], columns: Columns) -> _Sampled:
    with np.errstate(divide="ignore"):  # what costs nothing has no logarithm, and never counts
        return [
            (part.about, np.log2(part.today.sample(columns)), 1 / part.halving.sample(columns))
            for part in parts
        ]


@dataclass(frozen=True)
class Drawn:
    """A falling cost on draws."""

    machines: _Sampled
    electricity: _Sampled
    floor: Array

    def cost(self, years: Array) -> Array:
        """USD after so many years; it never rises."""
        power = np.maximum(_dearest(self.electricity, years), self.floor)
        return np.asarray(_dearest(self.machines, years) + power)

    def floored(self, years: Array) -> NDArray[np.bool_]:
        """Where Landauer's limit holds electricity up."""
        return np.asarray(_dearest(self.electricity, years) < self.floor)

    def gained(self, years: Array) -> Array:
        """Doublings of operations per joule by then, where they are what takes the electricity."""
        (_, today, pace), *others = self.electricity
        most = _dearest(others, years)
        counts = np.exp2(today - years * pace) > most
        return np.where(counts, years * pace, 0.0)

    def mostly(self, years: Array) -> str:
        """The part that is the most of the cost of the first draw."""
        parts = [
            (float((today - years * pace)[0]), about)
            for about, today, pace in (*self.machines, *self.electricity)
        ]
        return max(parts)[1]


def _dearest(parts: _Sampled, years: Array) -> Array:
    most = np.full(1, -np.inf)
    for _, today, pace in parts:
        most = np.maximum(most, today - years * pace)
    return np.asarray(np.exp2(most))


def falling(costs: Costs, trends: Trends) -> Falling:
    """What a training costs on a machine, and how fast each part of it falls.

    Raises
    ------
    HalfbrainError
        naming what the machine's facts lack.
    """
    if costs.missing:
        options = [f"--set machine.{name}=..." for name in costs.missing if name in _SETTABLE]
        raise HalfbrainError(
            f"{costs.assumed.item.key} has no {', '.join(costs.missing)}, without which no year "
            f"follows; {', or '.join([*options, 'choose another --machine'])}"
        )
    assert costs.price is not None
    assert costs.power is not None
    assert costs.held is not None
    assumed = costs.assumed
    wide = "_fp64" if costs.peak == "peak_fp64" else ""
    rent = costs.price / assumed.get(LIFETIME)
    bill = costs.power * assumed.get(ELECTRICITY)
    per_usd, per_joule = f"flops_per_usd{wide}", f"flop_per_joule{wide}"
    machines: list[Part] = []
    electricity: list[Part] = []
    for bound in costs.found:
        moved = bound.kind == "memory traffic"
        for parts, what, rate, trend in (
            (machines, "machines", rent, "bandwidth_per_usd" if moved else per_usd),
            (electricity, "electricity", bill, "byte_per_joule" if moved else per_joule),
        ):
            today = (bound.wall * rate).to("USD").named(f"{what} for {bound.kind}")
            parts.append(Part(f"{what} for {bound.kind}", today, trends.get(trend)))
    held = costs.held.maximum(Quantity.exact(1)) * trends.get("shortest_use") * rent
    about = "machines that hold the state"
    machines.append(Part(about, held.to("USD").named(about), trends.get("memory_per_usd")))
    floor = None
    if assumed.forecast.counting == "operations":
        erased = assumed.forecast.flop * trends.get("erasures_per_flop")
        energy = erased * facts().get("hardware.landauer.energy")
        floor = (energy * assumed.get(ELECTRICITY)).to("USD").named("electricity at the limit")
    return Falling(tuple(machines), tuple(electricity), floor)


_SETTABLE = ("price", "power")
