"""The cells of a circuit with its synapses in them, as point processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from halfbrain.cells.detailed.artificial import is_artificial
from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.circuit import DetailedCircuit, GapJunctions, Scaled
from halfbrain.circuits.detailed.gaps import Sides
from halfbrain.circuits.detailed.synapses import Synapses, kind_of, kinds
from halfbrain.connectivity.draw import Floats, Ints, Stream
from halfbrain.engine.cable.points import Key, key_of
from halfbrain.engine.cable.transfer import Transfer
from halfbrain.errors import CircuitError
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.mechanism import Mechanism


@dataclass(frozen=True, eq=False)
class Home:
    """Where the synapses of a projection or input ended up: neuron, mechanism, place in it."""

    neuron: Ints
    mechanism: Ints
    place: Ints


def neurons_of(circuit: DetailedCircuit) -> list[Compartments]:
    """The cells of all neurons in order, without synapses.

    Raises
    ------
    DataError
        one line, where a cell's package is not installed.
    """
    out: list[Compartments] = []
    for population in circuit.populations:
        if not isinstance(population.cells, SpikeList):
            known = kinds(population)
            out += [known[k] for k in kind_of(population)]
    return out


def with_synapses(
    circuit: DetailedCircuit, synapses: Sequence[Synapses]
) -> tuple[list[Compartments], list[Home]]:
    """The cells with their synapses as point processes, and where each synapse is.

    Those of one mechanism are one placed mechanism of a cell, in order of their projections. Those
    onto artificial cells are no synapses of their own, but connections to the cells themselves.
    """
    ranges = circuit.ranges()
    neuron = [ranges[some.of.target].start + some.target for some in synapses]
    homes = [Home(n, np.zeros(len(n), np.int64), np.zeros(len(n), np.int64)) for n in neuron]
    cells = neurons_of(circuit)
    base = np.array([len(cell.placed) for cell in cells])
    added: list[list[Placed]] = [[] for _ in cells]
    for mechanism, members in _by_mechanism(circuit, synapses):
        if mechanism.kind == "artificial":
            _check_artificial(mechanism, cells, neuron, members)
            continue
        who = np.concatenate([neuron[m] for m in members])
        order = np.argsort(who, kind="stable")
        sizes = np.bincount(who, minlength=len(cells))
        ends = np.cumsum(sizes)
        place = np.empty(len(who), np.int64)
        place[order] = np.arange(len(who)) - np.repeat(ends - sizes, sizes)
        number = base + np.array([len(own) for own in added])
        at = 0
        for m in members:
            some = slice(at, at + len(neuron[m]))
            homes[m].mechanism[:], homes[m].place[:] = number[neuron[m]], place[some]
            at = some.stop
        where = np.concatenate([synapses[m].compartment for m in members])[order]
        parameters = _parameters(circuit, mechanism, [synapses[m] for m in members], order)
        for cell in np.flatnonzero(sizes):
            some = slice(ends[cell] - sizes[cell], ends[cell])
            own = {n: v if isinstance(v, float) else v[some] for n, v in parameters.items()}
            added[cell].append(Placed(mechanism, where[some], own))
    # Neurons without synapses go on sharing their kind's compartments.
    made = [
        replace(cell, placed=(*cell.placed, *own)) if own else cell
        for cell, own in zip(cells, added, strict=True)
    ]
    return made, homes


def transfers(gaps: Sequence[Sides], homes: Sequence[Home]) -> list[Transfer]:
    """What the sides of gap junctions, which are at these homes in order, read of each other."""
    found = []
    for k, (one, other) in enumerate(gaps):
        here, there = homes[2 * k], homes[2 * k + 1]
        for side, reader, read, at in ((one, here, there, other), (other, there, here, one)):
            assert isinstance(side.of, GapJunctions)
            places = reader.neuron, reader.mechanism, reader.place
            found.append(Transfer(side.of.reads, *places, read.neuron, at.compartment))
    return found


def _check_artificial(
    mechanism: Mechanism, cells: Sequence[Compartments], neuron: Sequence[Ints], members: list[int]
) -> None:
    for n in np.unique(np.concatenate([neuron[m] for m in members])):
        if not is_artificial(cells[n]) or cells[n].placed[0].mechanism.name != mechanism.name:
            raise CircuitError(f"neuron {n} is no {mechanism.name}, which a synapse is to reach")


def _by_mechanism(
    circuit: DetailedCircuit, synapses: Sequence[Synapses]
) -> list[tuple[Mechanism, list[int]]]:
    found: dict[Key, tuple[Mechanism, list[int]]] = {}
    for m, some in enumerate(synapses):
        mechanism = circuit.receptor(some.of.receptor).mechanism
        found.setdefault(key_of(mechanism, circuit.dt), (mechanism, []))[1].append(m)
    return list(found.values())


def _parameters(
    circuit: DetailedCircuit, mechanism: Mechanism, synapses: Sequence[Synapses], order: Ints
) -> dict[str, float | Floats]:
    """Each parameter of all synapses of a mechanism, by neuron; one number if all are the same."""
    out: dict[str, float | Floats] = {}
    for some in synapses:
        receptor = circuit.receptor(some.of.receptor)
        for name in set(receptor.values) & set(mechanism.shared):
            given = receptor.values[name]
            if isinstance(given, Scaled) or not np.isscalar(given):
                raise CircuitError(f"receptor {receptor.name!r}: {name} must be one number")
            value = float(Stream(0, receptor.name).numbers(name, given, [0])[0])
            if out.setdefault(name, value) != value:
                raise CircuitError(
                    f"receptor {receptor.name!r}: {name} is the same at all {mechanism.name}, but "
                    "two receptors give it"
                )
    for name in dict.fromkeys(n for some in synapses for n in some.values):
        default = np.float64(mechanism.parameters[name])
        values = np.concatenate(
            [some.values.get(name, np.full(len(some), default)) for some in synapses]
        )[order]
        same = len(values) and (values == values[0]).all()
        out[name] = float(values[0]) if same else values
    return out
