"""A circuit: populations, and the projections between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

import numpy as np

from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.connectivity.numbers import whole
from halfbrain.connectivity.rule import OneToOne, Rule
from halfbrain.connectivity.value import Value
from halfbrain.equations.si import Number
from halfbrain.errors import CircuitError


@dataclass(frozen=True, eq=False)
class SpikeList:
    """Spikes that are given: ``times`` in seconds, and the ``neurons`` that fire at them."""

    times: np.ndarray[tuple[int], np.dtype[np.float64]]
    neurons: np.ndarray[tuple[int], np.dtype[np.int64]]

    def __post_init__(self) -> None:
        try:
            times = np.asarray(self.times, np.float64)
            neurons = np.asarray(self.neurons, np.float64)
        except (TypeError, ValueError):
            raise CircuitError("given spikes are a list of seconds and one of neurons") from None
        if not (neurons == np.floor(neurons)).all() or not np.isfinite(neurons).all():
            raise CircuitError("given spikes: a neuron is a whole number")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "neurons", neurons.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Population:
    """``size`` neurons of one kind.

    ``values`` gives first states and parameters by name; what is left out begins at 0.
    """

    name: str
    model: Neuron | SpikeList
    size: int
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        size = whole(self.size, f"population {str(self.name)[:40]!r}: its size")
        object.__setattr__(self, "size", size)


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population to another, onto one of its receptors.

    ``weight`` is in the unit of the receptor's variable, ``delay`` a time; a delay is rounded to
    time steps.
    """

    source: str
    target: str
    receptor: str
    rule: Rule
    _: KW_ONLY
    weight: Value
    delay: Value = 0.0
    plasticity: Plasticity | None = None

    @property
    def name(self) -> str:
        """How messages and random streams call it."""
        return f"{self.source} to {self.target} ({self.receptor})"


@dataclass(frozen=True, eq=False)
class PoissonDrive:
    """Spikes from outside: in each step each neuron gets a Poisson number of them, on its own.

    ``rate`` is what one neuron gets from all its outside sources together, ``weight`` that of one
    spike, in the unit of the receptor's variable.
    """

    target: str
    receptor: str
    rate: Number
    weight: Number


@dataclass(frozen=True, eq=False)
class Circuit:
    """Populations, projections and drives, stepped together; ``source`` names where it is from."""

    populations: Sequence[Population]
    projections: Sequence[Projection] = ()
    drives: Sequence[PoissonDrive] = ()
    _: KW_ONLY
    dt: Number = "0.1 ms"
    name: str = "circuit"
    source: str = ""

    def __post_init__(self) -> None:
        for part in ("populations", "projections", "drives"):
            object.__setattr__(self, part, tuple(getattr(self, part)))
        names = [population.name for population in self.populations]
        for name in names:
            if names.count(name) > 1:
                raise CircuitError(f"circuit {self.name!r}: two populations are called {name!r}")
        if not names:
            raise CircuitError(f"circuit {self.name!r}: has no population")
        for population in self.populations:
            if not 1 <= population.size < 2**31:
                raise CircuitError(
                    f"population {population.name!r}: {population.size} neurons; "
                    f"there must be 1 to {2**31 - 1:,}"
                )
        seen = set()
        for projection in self.projections:
            self._check(projection)
            if (key := projection.name) in seen and projection.plasticity:
                raise CircuitError(f"projection {key}: a plastic projection is named twice")
            seen.add(projection.name)
        for drive in self.drives:
            self._check_receptor(f"drive of {drive.target}", drive.target, drive.receptor)

    def population(self, name: str) -> Population:
        """The population of that name."""
        for population in self.populations:
            if population.name == name:
                return population
        raise CircuitError(
            f"circuit {self.name!r}: no population {name[:40]!r}; "
            f"there are {', '.join(p.name for p in self.populations)}"
        )

    @property
    def neurons(self) -> int:
        """Neurons; sources that only play out given spikes are none."""
        return sum(p.size for p in self.populations if isinstance(p.model, Neuron))

    def _check(self, projection: Projection) -> None:
        source, target = self.population(projection.source), self.population(projection.target)
        place = f"projection {projection.name}"
        self._check_receptor(place, projection.target, projection.receptor)
        if isinstance(projection.rule, OneToOne) and source.size != target.size:
            raise CircuitError(
                f"{place}: one-to-one, but {source.size} sources and {target.size} targets"
            )

    def _check_receptor(self, place: str, population: str, receptor: str) -> None:
        cell = self.population(population).model
        if not isinstance(cell, Neuron):
            raise CircuitError(f"{place}: its target only plays out given spikes")
        if receptor not in cell.receptors:
            raise CircuitError(
                f"{place}: {cell.name} has no receptor {receptor[:40]!r}; "
                f"it has {', '.join(cell.receptors) or 'none'}"
            )
