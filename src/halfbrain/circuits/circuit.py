"""A circuit: populations of point neurons and detailed cells, and the projections between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.cells.catalogue import NEURONS, named_neuron
from halfbrain.cells.detailed.classic import CLASSIC
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.circuits.detailed.place import At
from halfbrain.connectivity.numbers import whole
from halfbrain.connectivity.rule import OneToOne, Rule
from halfbrain.connectivity.value import Value
from halfbrain.equations.dimensions import TIME
from halfbrain.equations.si import Number, Numbers, si
from halfbrain.errors import CircuitError
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.places import Where
from halfbrain.nmodl import read_mechanism
from halfbrain.program.mechanism import Mechanism

_MOST = 2**31 - 1


@dataclass(frozen=True, eq=False, init=False)
class SpikeList:
    """Spikes that are given: the model of a population that only plays them out.

    Parameters
    ----------
    times
        seconds, or with a unit, in any order.
    neurons
        which neuron of the population fires at each, from 0.

    Raises
    ------
    CircuitError
        one line, if they are no times and whole numbers.

    Examples
    --------
    >>> import halfbrain as hb
    >>> given = hb.SpikeList(["5 ms", "7 ms"], [0, 2])
    >>> hb.Population("input", given, 3).size
    3
    """

    times: NDArray[np.float64]
    neurons: NDArray[np.int64]

    def __init__(self, times: Numbers, neurons: ArrayLike) -> None:
        try:
            when = np.asarray(si(times, TIME, "given spikes"), np.float64).reshape(-1)
            who = np.asarray(neurons, np.float64)
        except (TypeError, ValueError):
            message = "given spikes are a list of seconds and one of neurons"
            raise CircuitError(message) from None
        if not (who == np.floor(who)).all() or not np.isfinite(who).all():
            raise CircuitError("given spikes: a neuron is a whole number")
        object.__setattr__(self, "times", when)
        object.__setattr__(self, "neurons", who.astype(np.int64))


class Buildable(Protocol):
    """A description of a detailed cell, which can be cut into compartments."""

    def compartments(self) -> Compartments:
        """The cell, cut."""
        ...


Kind = str | Path | Compartments | Buildable
Model = Neuron | SpikeList | Kind | Sequence[Kind]


@dataclass(frozen=True, eq=False, init=False)
class Synapse:
    """A kind of synapse of detailed cells: a point process, and its parameters.

    Each synapse is a point process of its own.

    Parameters
    ----------
    mechanism
        ``"ExpSyn"`` or ``"Exp2Syn"``, a .mod file, or a mechanism that was read from one.
    values
        parameters by name: texts with units, numbers in the units that the mechanism's file
        declares, or distributions of these.

    Raises
    ------
    CircuitError, ModelError
        one line: no such mechanism or parameter, or a file that cannot be read.

    Examples
    --------
    >>> import halfbrain as hb
    >>> ampa = hb.Synapse("Exp2Syn", tau1="0.2 ms", tau2=1.7, e="0 mV")
    >>> ampa.mechanism.name, ampa.values["tau2"]
    ('Exp2Syn', 1.7)
    """

    mechanism: Mechanism
    values: Mapping[str, Value]

    def __init__(self, mechanism: str | Path | Mechanism, /, **values: Value) -> None:
        found = mechanism if isinstance(mechanism, Mechanism) else _mechanism(mechanism)
        known = (*found.parameters, *found.shared)
        for name in values:
            if name not in known:
                raise CircuitError(
                    f"synapse {found.name}: {name[:40]!r} is no parameter; "
                    f"there are {', '.join(sorted(known))}"
                )
        object.__setattr__(self, "mechanism", found)
        object.__setattr__(self, "values", values)


def _mechanism(named: str | Path) -> Mechanism:
    if named in CLASSIC:
        return CLASSIC[str(named)]
    if not str(named).endswith(".mod"):
        raise CircuitError(
            f"no mechanism {str(named)[:40]!r}; there are {', '.join(CLASSIC)}, or give a .mod file"
        )
    return read_mechanism(Path(named))


@dataclass(frozen=True, eq=False)
class Population:
    """``size`` neurons of one kind, or several kinds of detailed cells.

    Parameters
    ----------
    name
        how projections and results call it.
    model
        a :class:`Neuron`, or the name of one of the library (``"adex"``); a detailed cell, or a
        tuple of them, by the name of an installed one (``"allen-472363762"``), by a file, or as
        compartments; or a :class:`SpikeList`.
    size
        how many.
    values
        first states and parameters of point neurons by name: numbers, texts with units, arrays of
        ``size``, or distributions; what is left out begins at 0.
    receptors
        of detailed cells: a :class:`Synapse` by name.
    kinds
        which of several cells each neuron is, ``size`` numbers from 0; without, neuron i is of kind
        i modulo their number.
    positions
        of the somata, shape (size, 3): metres, or with a unit; all are at the origin without.
    threshold
        of detailed cells: the voltage at which the soma fires on its way up.

    Raises
    ------
    CircuitError
        one line that names the population and what is wrong.

    Examples
    --------
    >>> import halfbrain as hb
    >>> some = hb.Population("E", "lif_current_exp", 80, {"v": hb.uniform("-65 mV", "-50 mV")})
    >>> some.detailed
    False
    """

    name: str
    model: Model
    size: int
    values: Mapping[str, Value] = field(default_factory=dict)
    _: KW_ONLY
    receptors: Mapping[str, Synapse] = field(default_factory=dict)
    kinds: ArrayLike | None = None
    positions: Numbers | None = None
    threshold: Number = "-20 mV"

    def __post_init__(self) -> None:
        place = f"population {str(self.name)[:40]!r}"
        size = whole(self.size, f"{place}: its size")
        object.__setattr__(self, "size", size)
        if isinstance(self.model, str) and self.model in NEURONS:
            object.__setattr__(self, "model", named_neuron(self.model))
        if not 1 <= size <= _MOST:
            raise CircuitError(f"{place}: {size} neurons; there must be 1 to {_MOST:,}")
        if self.detailed and self.values:
            raise CircuitError(f"{place}: detailed cells have no values; set them in the cell")
        if not self.detailed and (self.receptors or self.kinds is not None):
            raise CircuitError(f"{place}: receptors and kinds are of detailed cells")

    @property
    def detailed(self) -> bool:
        """Whether it is of detailed cells."""
        return not isinstance(self.model, Neuron | SpikeList)

    @property
    def cells(self) -> tuple[Kind, ...]:
        """The kinds of detailed cells."""
        several = isinstance(self.model, Sequence) and not isinstance(self.model, str)
        return tuple(self.model) if several else (self.model,)  # type: ignore[arg-type, return-value]


@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population to another, onto one of its receptors.

    Parameters
    ----------
    source, target
        names of populations.
    receptor
        of the target's model; of detailed cells one of the population's receptors.
    rule
        which pairs are connected, such as ``hb.bernoulli(0.1)``.
    weight
        a number, a text with its unit, a distribution; or an array, where the rule says how many.
        In the unit of the receptor's variable; of a detailed cell in that of its mechanism's file.
    delay
        a time, as ``weight``; rounded to time steps.
    plasticity
        a rule by which weights of point neurons change.
    contacts
        onto detailed cells: by how many synapses each pair is connected (rounded, at least one).
    place
        onto detailed cells: where the synapses are, as ``("apical", 3, 0.2)``, ``"basal"`` or
        ``hb.Place("apical", "100 um", "200 um")``; without, anywhere on the dendrites.
    velocity
        onto detailed cells: adds to the delay what it takes to get from soma to soma.
    values
        onto detailed cells: parameters of the receptor for this projection, drawn once for a pair.

    Raises
    ------
    CircuitError
        one line that names the projection and what is wrong, when it is put into a circuit.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.Projection("E", "I", "exc", hb.bernoulli(0.1), weight="1 mV", delay="1.5 ms").name
    'E to I (exc)'
    """

    source: str
    target: str
    receptor: str
    rule: Rule
    _: KW_ONLY
    weight: Value
    delay: Value = 0.0
    plasticity: Plasticity | None = None
    contacts: Value = 1
    place: At | Where | None = None
    velocity: Number | None = None
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How messages and random streams call it."""
        return f"{self.source} to {self.target} ({self.receptor})"


@dataclass(frozen=True, eq=False)
class PoissonDrive:
    """Spikes from outside: in each step each neuron gets a Poisson number of them, on its own.

    Parameters
    ----------
    target, receptor
        the population, and which of its receptors.
    rate
        what one neuron gets from all its outside sources together: hertz, or with a unit.
    weight
        of one spike, as that of a :class:`Projection`.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.PoissonDrive("E", "exc", rate="800 Hz", weight="0.1 mV").rate
    '800 Hz'
    """

    target: str
    receptor: str
    rate: Number
    weight: Number


@dataclass(frozen=True, eq=False)
class GapJunctions:
    """Gap junctions between the detailed cells of two populations, or of one.

    Each is two point processes of ``synapse``, one on either side, with the same parameters.

    Parameters
    ----------
    source, target
        names of populations.
    synapse
        the point process, with its values.
    rule
        which pairs; within a population it draws each pair once.
    contacts
        by how many junctions a pair is joined.
    place, source_place
        where they are on either side; without, anywhere on the dendrites.
    reads
        the POINTER (or RANGE variable) that has the voltage of the other's place.

    Examples
    --------
    >>> import halfbrain as hb
    >>> text = '''NEURON { POINT_PROCESS Gap  POINTER vgap  RANGE g  NONSPECIFIC_CURRENT i }
    ... PARAMETER { g = 1 (nanosiemens) }
    ... ASSIGNED { v (millivolt)  vgap (millivolt)  i (nanoamp) }
    ... BREAKPOINT { i = g*(v - vgap)*(1e-3) }'''
    >>> gap = hb.Synapse(hb.read_mod(text), g=2)
    >>> hb.GapJunctions("a", "b", gap, hb.one_to_one()).reads
    'vgap'
    """

    source: str
    target: str
    synapse: Synapse
    rule: Rule
    _: KW_ONLY
    contacts: Value = 1
    place: At | Where | None = None
    source_place: At | Where | None = None
    reads: str = "vgap"


@dataclass(frozen=True, eq=False)
class Circuit:
    """Populations, projections and drives, stepped together.

    Parameters
    ----------
    populations, projections, drives, gaps
        its parts.
    inputs
        what goes into its neurons besides spikes.
    dt
        the time step; without, 0.1 ms, or 25 us where there is a detailed cell.
    name
        how messages and results call it.
    source
        where it is from.

    Raises
    ------
    CircuitError
        one line that names the part and what is wrong in it.

    Examples
    --------
    >>> import halfbrain as hb
    >>> net = hb.Circuit(
    ...     [hb.Population("E", "lif_current_exp", 80), hb.Population("I", "lif_current_exp", 20)],
    ...     [hb.Projection("E", "I", "ex", hb.fixed_in(10), weight="30 pA", delay="1.5 ms")],
    ...     [hb.PoissonDrive("E", "ex", "800 Hz", "80 pA")])
    >>> net.neurons, net.dt
    (100, '0.1 ms')
    """

    populations: Sequence[Population]
    projections: Sequence[Projection] = ()
    drives: Sequence[PoissonDrive] = ()
    _: KW_ONLY
    gaps: Sequence[GapJunctions] = ()
    inputs: Sequence[object] = ()
    dt: Number = ""
    name: str = "circuit"
    source: str = ""

    def __post_init__(self) -> None:
        for part in ("populations", "projections", "drives", "gaps", "inputs"):
            object.__setattr__(self, part, self._tuple(part))
        if self.dt is None or self.dt == "":
            detailed = any(population.detailed for population in self.populations)
            object.__setattr__(self, "dt", "25 us" if detailed else "0.1 ms")
        names = [population.name for population in self.populations]
        for name in names:
            if names.count(name) > 1:
                raise CircuitError(f"circuit {self.name!r}: two populations are called {name!r}")
        if not names:
            raise CircuitError(f"circuit {self.name!r}: has no population")
        seen = set()
        for projection in self.projections:
            self._check(projection)
            if (key := projection.name) in seen and projection.plasticity:
                raise CircuitError(f"projection {key}: a plastic projection is named twice")
            seen.add(projection.name)
        for drive in self.drives:
            self._check_receptor(f"drive of {drive.target}", drive.target, drive.receptor)
        for gap in self.gaps:
            for end in (gap.source, gap.target):
                if not self.population(end).detailed:
                    raise CircuitError(f"gap junctions of {end}: it has no detailed cells")

    def _tuple(self, part: str) -> tuple[object, ...]:
        given = getattr(self, part)
        if isinstance(given, str | bytes) or not isinstance(given, Iterable):
            raise CircuitError(f"circuit {str(self.name)[:40]!r}: its {part} are a list")
        found = tuple(given)
        if (kind := _PARTS.get(part)) and (
            wrong := next((one for one in found if not isinstance(one, kind)), None)
        ):
            raise CircuitError(
                f"circuit {str(self.name)[:40]!r}: {str(wrong)[:40]!r} is no {kind.__name__}"
            )
        return found

    def population(self, name: str) -> Population:
        """The population of that name."""
        for population in self.populations:
            if population.name == name:
                return population
        raise CircuitError(
            f"circuit {self.name!r}: no population {str(name)[:40]!r}; "
            f"there are {', '.join(p.name for p in self.populations)}"
        )

    @property
    def neurons(self) -> int:
        """Neurons; sources that only play out given spikes are none."""
        return sum(p.size for p in self.populations if not isinstance(p.model, SpikeList))

    def _check(self, projection: Projection) -> None:
        source, target = self.population(projection.source), self.population(projection.target)
        place = f"projection {projection.name}"
        self._check_receptor(place, projection.target, projection.receptor)
        if isinstance(projection.rule, OneToOne) and source.size != target.size:
            raise CircuitError(
                f"{place}: one-to-one, but {source.size} sources and {target.size} targets"
            )
        if target.detailed and projection.plasticity is not None:
            raise CircuitError(f"{place}: plasticity of a detailed cell is in its synapse's file")
        given = projection.place, projection.velocity
        if not target.detailed and (
            any(one is not None for one in given)
            or projection.values
            or not (isinstance(projection.contacts, int) and projection.contacts == 1)
        ):
            raise CircuitError(
                f"{place}: contacts, place, velocity and values are of synapses on detailed cells"
            )

    def _check_receptor(self, place: str, population: str, receptor: str) -> None:
        target = self.population(population)
        model = target.model
        if isinstance(model, SpikeList):
            raise CircuitError(f"{place}: its target only plays out given spikes")
        known = model.receptors if isinstance(model, Neuron) else target.receptors
        who = model.name if isinstance(model, Neuron) else f"population {population!r}"
        if receptor not in known:
            raise CircuitError(
                f"{place}: {who} has no receptor {str(receptor)[:40]!r}; "
                f"it has {', '.join(known) or 'none'}"
            )


_PARTS: Mapping[str, type] = {
    "populations": Population,
    "projections": Projection,
    "drives": PoissonDrive,
    "gaps": GapJunctions,
}
