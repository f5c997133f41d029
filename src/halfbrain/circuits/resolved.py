"""A user's circuit as engines take it: point neurons and detailed cells apart, in their units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.catalogue import NEURONS
from halfbrain.cells.detailed.installed import installed_cells
from halfbrain.circuits.circuit import (
    Circuit,
    GapJunctions,
    Kind,
    PoissonDrive,
    Population,
    Projection,
    SpikeList,
    Synapse,
)
from halfbrain.circuits.detailed import circuit as cable
from halfbrain.circuits.detailed.place import At
from halfbrain.connectivity.value import LogNormal, Mixture, Normal, Uniform, Value
from halfbrain.equations.dimensions import TIME
from halfbrain.equations.si import number, si
from halfbrain.errors import CircuitError
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.places import Place, Where, check_place
from halfbrain.nmodl.parameters import in_unit
from halfbrain.nmodl.units import declared

_NONE = SpikeList(np.empty(0), np.empty(0))  # of a population whose spikes come from elsewhere


@dataclass(frozen=True, eq=False)
class ResolvedCircuit:
    """What each engine takes of a circuit.

    A population that drives neurons of the other kind stands there too, under its name, as one of
    given spikes that has none: what it fires is told to it.

    Attributes
    ----------
    points
        point neurons, the synapses onto them and their drives; None without any.
    cables
        detailed cells and the synapses onto them, in the units of NMODL; None without any.
    to_points, to_cables
        names of the populations whose spikes cross to the other kind.
    inputs
        what goes into neurons besides spikes, as it was given.
    """

    points: Circuit | None
    cables: cable.DetailedCircuit | None
    to_points: tuple[str, ...] = ()
    to_cables: tuple[str, ...] = ()
    inputs: tuple[object, ...] = ()


def resolve(circuit: Circuit | cable.DetailedCircuit) -> ResolvedCircuit:
    """Split a circuit into what is of point neurons and what of detailed cells.

    Raises
    ------
    HalfbrainError
        one line that names the part and what is wrong in it.
    """
    if isinstance(circuit, cable.DetailedCircuit):
        return ResolvedCircuit(None, circuit)
    if not isinstance(circuit, Circuit):
        raise CircuitError(f"this is no Circuit: {str(circuit)[:40]!r}")
    inputs = tuple(circuit.inputs)
    kinds = {p.name: p for p in circuit.populations}
    onto = {
        detailed: {p.source for p in circuit.projections if kinds[p.target].detailed == detailed}
        for detailed in (False, True)
    }
    if not any(p.detailed for p in circuit.populations):
        return ResolvedCircuit(circuit, None, inputs=inputs)
    points: list[Population] = []
    given: list[Population] = []  # what stands among the detailed cells
    for one in circuit.populations:
        listed = isinstance(one.model, SpikeList)
        there = one.name in onto[False]
        if not one.detailed and (there or not listed):
            points.append(one)
        elif one.detailed and there:
            points.append(Population(one.name, _NONE, one.size, positions=one.positions))
        if not one.detailed and (one.name in onto[True] or (listed and not there)):
            given.append(replace(one, model=_NONE, values={}) if one in points else one)
    names = {one.name for one in points}
    crossing = tuple(one.name for one in given if one.name in names)
    return ResolvedCircuit(
        _points(circuit, points),
        _Cables(circuit, given).built(),
        tuple(one.name for one in circuit.populations if one.detailed and one.name in names),
        crossing,
        inputs,
    )


def _points(circuit: Circuit, populations: list[Population]) -> Circuit | None:
    if not populations:
        return None
    kinds = {p.name: p for p in circuit.populations}
    return Circuit(
        populations,
        [p for p in circuit.projections if not kinds[p.target].detailed],
        [d for d in circuit.drives if not kinds[d.target].detailed],
        dt=circuit.dt,
        name=circuit.name,
        source=circuit.source,
    )


class _Cables:
    """Puts the detailed part of a circuit together."""

    def __init__(self, circuit: Circuit, given: list[Population]) -> None:
        self.circuit = circuit
        self.given = {one.name: one for one in given}
        self.receptors: dict[str, tuple[str, Synapse]] = {}  # by their names in the circuit
        self.built_cells: dict[int, tuple[object, Compartments]] = {}

    def built(self) -> cable.DetailedCircuit:
        """The whole."""
        circuit = self.circuit
        onto = {p.name for p in circuit.populations if p.detailed}
        drives = [d for d in circuit.drives if d.target in onto]
        projections = tuple(self._projection(p) for p in circuit.projections if p.target in onto)
        inputs = tuple(self._drive(drive, drives[:i]) for i, drive in enumerate(drives))
        gaps = tuple(self._gaps(gap) for gap in circuit.gaps)
        return cable.DetailedCircuit(
            name=circuit.name,
            populations=tuple(
                self._population(p)
                for p in circuit.populations
                if p.detailed or p.name in self.given
            ),
            receptors=tuple(
                cable.Receptor(name, one.mechanism, _values(one, one.values, f"receptor {name}"))
                for name, (_, one) in self.receptors.items()
            ),
            projections=projections,
            inputs=inputs,
            gaps=gaps,
            dt=float(converted(circuit.dt, "ms", "dt", 1e3)),  # type: ignore[arg-type]
            source=circuit.source,
        )

    def _population(self, given: Population) -> cable.DetailedPopulation:
        one = self.given.get(given.name, given)
        place = f"population {one.name!r}"
        if isinstance(one.model, SpikeList):
            return cable.DetailedPopulation(one.name, one.model, one.size)
        positions, kinds = one.positions, one.kinds
        return cable.DetailedPopulation(
            one.name,
            tuple(self._cell(cell, place) for cell in one.cells),
            one.size,
            None
            if positions is None
            else np.asarray(converted(positions, "um", f"{place}: positions", 1e6), np.float64),
            None if kinds is None else _whole(kinds, f"{place}: kinds"),
            _one(one.threshold, "mV", f"{place}: threshold", 1e3),
        )

    def _cell(self, cell: Kind, place: str) -> str | Compartments:
        if isinstance(cell, Compartments):
            return cell
        if isinstance(cell, str | Path):
            name = str(cell)
            if not Path(name).exists() and name not in installed_cells():
                raise CircuitError(
                    f"{place}: no neuron, cell or file {name[:60]!r}; neurons are "
                    f"{', '.join(NEURONS)}; cells are {', '.join(installed_cells()) or 'none'}"
                )
            return name
        if not hasattr(cell, "compartments"):
            raise CircuitError(f"{place}: its model is no neuron, cell or list of spikes")
        if id(cell) not in self.built_cells:
            self.built_cells[id(cell)] = cell, cell.compartments()
        return self.built_cells[id(cell)][1]

    def _receptor(self, population: str, name: str, synapse: Synapse) -> str:
        """What the whole circuit calls a receptor of a population."""
        for known, (_, other) in self.receptors.items():
            if known in (name, f"{population}.{name}") and _alike(other, synapse):
                return known
        own = name if name not in self.receptors else f"{population}.{name}"
        self.receptors[own] = population, synapse
        return own

    def _of(self, target: str, name: str) -> tuple[str, Synapse]:
        synapse = self.circuit.population(target).receptors[name]
        return self._receptor(target, name, synapse), synapse

    def _projection(self, one: Projection) -> cable.DetailedProjection:
        place = f"projection {one.name}"
        receptor, synapse = self._of(one.target, one.receptor)
        velocity = one.velocity
        return cable.DetailedProjection(
            one.source,
            one.target,
            receptor,
            one.rule,
            _weight(synapse, one.weight, place),
            converted(one.delay, "ms", f"{place}: delay", 1e3),
            one.contacts,
            placed(one.place, place),
            np.inf if velocity is None else _one(velocity, "um/ms", f"{place}: velocity", 1e3),
            _values(synapse, one.values, place),
        )

    def _drive(self, drive: PoissonDrive, before: Sequence[PoissonDrive]) -> cable.PoissonInput:
        place = f"drive of {drive.target}"
        receptor, synapse = self._of(drive.target, drive.receptor)
        same = [d for d in before if (d.target, d.receptor) == (drive.target, drive.receptor)]
        return cable.PoissonInput(
            "drive" if not same else f"drive {len(same) + 1}",
            drive.target,
            receptor,
            1,
            number(drive.rate, TIME**-1, f"{place}: rate"),
            _weight(synapse, drive.weight, place),
        )

    def _gaps(self, gap: GapJunctions) -> cable.GapJunctions:
        place = f"gap junctions of {gap.source} and {gap.target}"
        name = self._receptor(gap.target, gap.synapse.mechanism.name, gap.synapse)
        return cable.GapJunctions(
            gap.source,
            gap.target,
            name,
            gap.rule,
            gap.contacts,
            placed(gap.place, place),
            placed(gap.source_place, place),
            reads=gap.reads,
        )


def placed(place: At | Where | None, said: str) -> At | Where:
    """What a user calls a place; without one, the dendrites.

    Raises
    ------
    ModelError
        one line that begins with ``said``, if it is none.
    """
    if place is None:
        return Place()
    if not isinstance(place, At):
        check_place(place, said)
    return tuple(place) if isinstance(place, list) else place


def converted(value: Value, unit: str, place: str, bare: float = 1.0) -> Value:
    """A value in a unit of NMODL; numbers without one are ``bare`` of these.

    Raises
    ------
    HalfbrainError
        one line that begins with ``place``.
    """

    def one(given: Any) -> Any:  # noqa: ANN401
        return None if given is None else converted(given, unit, place, bare)

    match value:
        case Normal(mean, std, low, high):
            return Normal(one(mean), one(std), one(low), one(high))
        case LogNormal(median, sigma):
            return LogNormal(one(median), sigma)
        case Uniform(low, high):
            return Uniform(one(low), one(high))
        case Mixture(share, first, second):
            return Mixture(share, one(first), one(second))
        case str():
            return in_unit(value, unit, place)
        case list() | tuple() if any(isinstance(each, str) for each in value):
            return np.array([one(each) for each in value], np.float64)
    known = declared(unit)
    if hasattr(value, "dimensionality") or hasattr(value, "dim"):
        if known is None:
            raise CircuitError(f"{place}: its file's unit ({unit[:30]}) is not known")
        return si(value, known[1], place) / known[0]
    found = si(value, known[1] if known else TIME, place)
    return found * bare if bare != 1.0 else found


def _one(value: Value, unit: str, place: str, bare: float) -> float:
    found = converted(value, unit, place, bare)
    if not isinstance(found, float):
        raise CircuitError(f"{place}: must be one number")
    return found


def _whole(numbers: Any, place: str) -> NDArray[np.int64]:  # noqa: ANN401
    try:
        found = np.asarray(numbers, np.float64)
    except (TypeError, ValueError):
        raise CircuitError(f"{place}: is no list of whole numbers") from None
    if not (found == np.floor(found)).all():
        raise CircuitError(f"{place}: is no list of whole numbers")
    return found.astype(np.int64)


def _weight(synapse: Synapse, weight: Value, place: str) -> Value:
    mechanism = synapse.mechanism
    if not mechanism.arguments:
        raise CircuitError(f"{place}: {mechanism.name} takes no events")
    unit = mechanism.units.get(mechanism.arguments[0], "")
    return converted(weight, unit, f"{place}: weight")


def _values(synapse: Synapse, values: Mapping[str, Value], place: str) -> dict[str, Value]:
    units = synapse.mechanism.units
    return {
        name: converted(value, units.get(name.split("[")[0], ""), f"{place}: {name}")
        for name, value in values.items()
    }


def _alike(one: Synapse, other: Synapse) -> bool:
    """Whether two kinds of synapses are the same."""
    return one is other or (
        one.mechanism is other.mechanism
        and one.values.keys() == other.values.keys()
        and all(
            one.values[name] is value or (_plain(value) and one.values[name] == value)
            for name, value in other.values.items()
        )
    )


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | Normal | LogNormal | Uniform | Mixture)
