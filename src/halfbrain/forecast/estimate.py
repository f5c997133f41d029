"""A scenario times the contenders' cost terms: distributions of FLOP, memory and traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.contenders.left_out import SWITCHES
from halfbrain.contenders.measured import Measured
from halfbrain.contenders.model import Contender
from halfbrain.contenders.registry import contender as named
from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.quantity import Quantity
from halfbrain.forecast.formula import Counting, counting_of, is_zero, program, run
from halfbrain.forecast.scenario import Scenario


def out_of_range(quantity: Quantity) -> HalfbrainError:
    """What to say where a value does not fit a double."""
    return HalfbrainError(
        f"{quantity.label} is too large to calculate; "
        "the scenario has figures that are too large, or too small"
    )


@dataclass(frozen=True)
class Spread:
    """The 5th, 50th and 95th percentiles of a distribution."""

    p5: float
    p50: float
    p95: float

    @classmethod
    def of(cls, quantity: Quantity, draws: Draws) -> Spread:
        """Percentiles of ``quantity`` on ``draws``.

        Raises
        ------
        HalfbrainError
            if the value is too large for a double.
        """
        sample = quantity.sample(draws)
        if not np.isfinite(sample).all():
            raise out_of_range(quantity)
        low, mid, high = np.quantile(sample, (0.05, 0.5, 0.95))
        return cls(float(low), float(mid), float(high))


@dataclass(frozen=True)
class Forecast:
    """What one contender would cost under one scenario."""

    contender: Contender
    scenario: Scenario
    counting: Counting
    values: Mapping[str, Quantity]

    @property
    def family(self) -> str:
        """The contender, or that which it is an alternative of: its inputs' names begin so."""
        return self.contender.under or self.contender.name

    def quantity(self, name: str) -> Quantity:
        """A result by its short name: ``flop``, ``memory``, ``flop_per_neuron_second``, ..."""
        return self.values[f"{self.contender.name}.{name}"]

    @property
    def flop(self) -> Quantity:
        """FLOP of the whole training."""
        return self.quantity("flop")

    @property
    def traffic_per_bio_second(self) -> Quantity:
        """Bytes moved for a second of life, while learning."""
        return self.quantity("bytes_moved") / self.lives

    @property
    def lives(self) -> Quantity:
        """Seconds of life in all runs of the training."""
        return self.values["training_seconds"] * self.values["runs"]

    @property
    def basis(self) -> str:
        """Where cost terms come from: ``measured`` here, ``counted``, or ``published`` figures."""
        leaves = {leaf.origin.confidence for leaf in self.flop.leaves() if leaf.origin is not None}
        return next((basis for basis in ("measured", "counted") if basis in leaves), "published")

    @property
    def measured(self) -> Measured | None:
        """The runs of this machine that the scenario has for this contender."""
        return self.scenario.measured.get(self.contender.name)

    def terms(self) -> dict[str, Quantity]:
        """FLOP of the whole training by cost term, where operations are counted.

        What is left out is not among them.
        """
        prefix = f"{self.contender.name}.term."
        if not self.by_terms:
            return {}
        return {
            name.removeprefix(prefix): value
            for name, value in self.values.items()
            if name.startswith(prefix) and name.removeprefix(prefix) not in self._left_out()
        }

    def _left_out(self) -> set[str]:
        off = {switch.symbol for switch in SWITCHES if is_zero(self.values[switch.name])}
        return {term.name for term in self.contender.terms if off & term.count.free_symbols}

    @property
    def by_terms(self) -> bool:
        """Whether FLOP come from cost terms: what learning has of them, and its alternatives."""
        return self.counting == "operations" and not self.set_outright

    @property
    def set_outright(self) -> bool:
        """Whether the scenario gives FLOP per neuron and second itself."""
        return self.contender.flop_per_neuron_second.name in self.scenario.given


def forecast(name: str, scenario: Scenario) -> Forecast:
    """Work out one contender, or an alternative of one, under a scenario."""
    return worked_out(named(name), scenario)


def worked_out(
    contender: Contender, scenario: Scenario, instead: Mapping[str, Quantity] | None = None
) -> Forecast:
    """The same of a contender as it is described, with other values ``instead`` of some."""
    inputs = {**scenario.inputs(), **(instead or {})}
    values = run(program(contender, scenario.counting), inputs)
    return Forecast(contender, scenario, counting_of(contender, scenario.counting), values)


def share_below(quantity: Quantity, limit: float, draws: Draws) -> float:
    """The share of draws of ``quantity`` that do not exceed ``limit``."""
    sample: NDArray[np.bool_] = quantity.sample(draws) <= limit
    return float(np.mean(sample))
