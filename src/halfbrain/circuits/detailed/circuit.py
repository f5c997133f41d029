"""A circuit of detailed cells: populations, the synapses between them, what drives them.

The words are those of :mod:`halfbrain.circuits.circuit`. Numbers are in the units of NMODL: ms, mV,
nA, um; conductances and weights in the unit that the point process takes them in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.drive import Clamp as Clamp
from halfbrain.circuits.detailed.drive import Wave as Wave
from halfbrain.circuits.detailed.drive import Waveform as Waveform
from halfbrain.circuits.detailed.place import At
from halfbrain.connectivity.rule import Rule
from halfbrain.connectivity.value import Value
from halfbrain.errors import CircuitError
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.places import Place, Where
from halfbrain.program.mechanism import Mechanism

_MOST = 2**31 - 1


@dataclass(frozen=True, eq=False)
class DetailedPopulation:
    """``size`` neurons.

    ``cells`` are their kinds: names of installed cells, files, or compartments; neuron i is of kind
    ``kinds[i]``, and without that of kind i modulo their number. ``positions`` are those of the
    somata in um, shape (size, 3); all lie at the origin without them. A spike is the soma's way up
    through ``threshold`` mV. A population of a :class:`SpikeList` fires at its times and is no
    neuron.
    """

    name: str
    cells: tuple[str | Compartments, ...] | SpikeList
    size: int
    positions: NDArray[np.float64] | None = None
    kinds: NDArray[np.int64] | None = None
    threshold: float = -20.0


@dataclass(frozen=True)
class Scaled:
    """Another parameter of the same synapse to a ``power``, times a ``factor``."""

    of: str
    factor: float = 1.0
    power: float = 1.0


Values = Mapping[str, Value | Scaled]


@dataclass(frozen=True, eq=False)
class Receptor:
    """A kind of synapse: a point process, and its parameters by name.

    Each synapse is a point process of its own.
    """

    name: str
    mechanism: Mechanism
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class DetailedProjection:
    """Synapses from one population to another.

    ``rule`` says which pairs are connected, ``contacts`` by how many synapses each (rounded, at
    least one), ``place`` where these are. A delay is ``delay`` ms and what it takes to get from
    soma to soma with ``velocity`` (um/ms). Weight, delay and ``values``, which go before the
    receptor's, are drawn once for a connection and hold for all its synapses.
    """

    source: str
    target: str
    receptor: str
    rule: Rule
    weight: Value
    delay: Value
    contacts: Value = 1
    place: At | Where = field(default_factory=Place)
    velocity: float = math.inf
    values: Values = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How messages and random streams call it."""
        return f"{self.source} to {self.target} ({self.receptor})"


@dataclass(frozen=True, eq=False)
class PoissonInput:
    """Connections from outside: each neuron has its own, and each of them its own Poisson spikes.

    ``connections`` is their number for a neuron (rounded), ``rate`` that of one, in Hz; the rest is
    as in :class:`DetailedProjection`. ``source`` names where they are from.
    """

    source: str
    target: str
    receptor: str
    connections: Value
    rate: float
    weight: Value
    contacts: Value = 1
    delay: Value = 0.1
    place: At | Where = field(default_factory=Place)
    values: Values = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How messages and random streams call it."""
        return f"{self.source} outside to {self.target} ({self.receptor})"


@dataclass(frozen=True, eq=False)
class GapJunctions:
    """Gap junctions between the neurons of two populations, or of one.

    Each is two point processes of the ``receptor``, one on either side, with the same parameters;
    ``reads`` is their POINTER (or RANGE variable) that has the voltage of the other's place.
    ``rule`` says which pairs, ``contacts`` by how many junctions each; within a population it
    draws each pair once. ``place`` and ``source_place`` are where they are on either side.
    """

    source: str
    target: str
    receptor: str
    rule: Rule
    contacts: Value = 1
    place: At | Where = field(default_factory=Place)
    source_place: At | Where = field(default_factory=Place)
    values: Values = field(default_factory=dict)
    reads: str = "vgap"

    @property
    def name(self) -> str:
        """How messages and random streams call it."""
        return f"gap junctions of {self.source} and {self.target} ({self.receptor})"


_Part = DetailedProjection | PoissonInput | Clamp | Waveform | GapJunctions


@dataclass(frozen=True, eq=False)
class DetailedCircuit:
    """Populations, synapses and drives, stepped together in steps of ``dt`` ms."""

    name: str
    populations: tuple[DetailedPopulation, ...]
    receptors: tuple[Receptor, ...] = ()
    projections: tuple[DetailedProjection, ...] = ()
    inputs: tuple[PoissonInput, ...] = ()
    clamps: tuple[Clamp, ...] = ()
    waveforms: tuple[Waveform, ...] = ()
    gaps: tuple[GapJunctions, ...] = ()
    dt: float = 0.025
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.dt < 1000:
            raise CircuitError(f"circuit {self.name!r}: a time step of {self.dt} ms")
        for group in (self.populations, self.receptors):
            names = [one.name for one in group]
            for name in names:
                if names.count(name) > 1:
                    raise CircuitError(f"circuit {self.name!r}: two are called {name!r}")
        if not self.neurons:
            raise CircuitError(f"circuit {self.name!r}: has no neuron")
        for population in self.populations:
            _check_population(population)
        seen: set[str] = set()
        driven: tuple[_Part, ...] = (*self.inputs, *self.clamps, *self.waveforms)
        for one in (*self.projections, *driven, *self.gaps):
            self._check(one)
            if one.name in seen:
                raise CircuitError(f"circuit {self.name!r}: {one.name} is given twice")
            seen.add(one.name)

    def _check(self, one: _Part) -> None:
        if isinstance(self.population(one.target).cells, SpikeList):
            raise CircuitError(f"{one.name}: its target only plays out given spikes")
        if isinstance(one, Waveform):
            one.check(self.population(one.target).size)
        if isinstance(one, Clamp | Waveform):
            return
        receptor = self.receptor(one.receptor)
        mechanism = receptor.mechanism
        if isinstance(one, GapJunctions):
            if isinstance(self.population(one.source).cells, SpikeList):
                raise CircuitError(f"{one.name}: its source only plays out given spikes")
            if one.reads not in {*mechanism.pointers, *mechanism.parameters}:
                raise CircuitError(
                    f"{one.name}: {mechanism.name} has no POINTER {one.reads[:40]!r}, nor a RANGE "
                    "variable of that name; give another as reads"
                )
        elif mechanism.receive is None:
            raise CircuitError(f"{one.name}: {mechanism.name} takes no events")
        known = {*mechanism.parameters, *mechanism.shared}
        for name in (*receptor.values, *one.values):
            if name not in known:
                raise CircuitError(
                    f"{one.name}: {name[:40]!r} is no parameter of {mechanism.name}; "
                    f"there are {', '.join(sorted(known))}"
                )
        if shared := set(one.values) & set(mechanism.shared):
            raise CircuitError(
                f"{one.name}: {', '.join(sorted(shared))} is the same at all {mechanism.name}; "
                "give it with the receptor"
            )
        if isinstance(one, DetailedProjection):
            self.population(one.source)
            if not one.velocity > 0:
                raise CircuitError(f"{one.name}: a velocity is above 0 um/ms")
        elif isinstance(one, PoissonInput) and not 0 <= one.rate < 1e5:
            raise CircuitError(f"{one.name}: a rate is 0 to 1e5 Hz, not {one.rate}")

    def population(self, name: str) -> DetailedPopulation:
        """The population of that name."""
        return _named(self.populations, name, f"circuit {self.name!r}: no population")

    def receptor(self, name: str) -> Receptor:
        """The receptor of that name."""
        return _named(self.receptors, name, f"circuit {self.name!r}: no receptor")

    @property
    def neurons(self) -> int:
        """Neurons; sources that only play out given spikes are none."""
        return sum(p.size for p in self.populations if not isinstance(p.cells, SpikeList))

    def ranges(self) -> dict[str, range]:
        """The numbers of each population's neurons in the whole circuit."""
        out, at = {}, 0
        for population in self.populations:
            if not isinstance(population.cells, SpikeList):
                out[population.name] = range(at, at + population.size)
                at += population.size
        return out


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _named(group: tuple[N, ...], name: str, place: str) -> N:
    for one in group:
        if one.name == name:
            return one
    raise CircuitError(f"{place} {name[:40]!r}; there are {', '.join(x.name for x in group)}")


def _check_population(population: DetailedPopulation) -> None:
    place = f"population {population.name!r}"
    if not 1 <= population.size <= _MOST:
        raise CircuitError(f"{place}: {population.size} neurons; there must be 1 to {_MOST:,}")
    if isinstance(population.cells, SpikeList):
        return
    if not population.cells:
        raise CircuitError(f"{place}: name one cell at least")
    if population.positions is not None and population.positions.shape != (population.size, 3):
        raise CircuitError(f"{place}: its positions must be of shape ({population.size}, 3)")
    kinds = population.kinds
    if kinds is not None and (
        kinds.shape != (population.size,)
        or not ((kinds >= 0) & (kinds < len(population.cells))).all()
    ):
        raise CircuitError(
            f"{place}: its kinds must be {population.size} numbers below {len(population.cells)}"
        )
