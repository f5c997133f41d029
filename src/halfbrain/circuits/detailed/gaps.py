"""The gap junctions of a circuit of detailed cells, drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from halfbrain.circuits.detailed.circuit import DetailedCircuit, GapJunctions
from halfbrain.circuits.detailed.place import At
from halfbrain.circuits.detailed.synapses import (
    Synapses,
    compartments_of,
    contacts_of,
    positions,
    repeats,
    values_of,
)
from halfbrain.connectivity.degrees import Ends
from halfbrain.connectivity.draw import Stream
from halfbrain.connectivity.pairs import pairs
from halfbrain.connectivity.rule import Explicit
from halfbrain.errors import CircuitError

Sides = tuple[Synapses, Synapses]


def drawn_gaps(circuit: DetailedCircuit, seed: int) -> list[Sides]:
    """The point processes of all gap junctions, on their targets and on their sources.

    Raises
    ------
    CircuitError, DataError
        one line that names the gap junctions, and what is wrong with them.
    """
    return [_drawn(circuit, gaps, seed) for gaps in circuit.gaps]


def _drawn(circuit: DetailedCircuit, gaps: GapJunctions, seed: int) -> Sides:
    stream = Stream(seed, gaps.name)
    one, other = circuit.population(gaps.source), circuit.population(gaps.target)
    same, at = one.name == other.name, (positions(one), positions(other))
    source, target = pairs(gaps.rule, Ends(one.size, other.size, same, at), stream)
    if same and not isinstance(gaps.rule, Explicit):
        once = source < target
        source, target = source[once], target[once]
    if same and (source == target).any():
        raise CircuitError(f"{gaps.name}: joins a neuron with itself")
    key = source, target, repeats(source, target)
    contacts = contacts_of(stream, gaps.contacts, *key)
    if any(isinstance(x, At) for x in (gaps.place, gaps.source_place)) and (contacts > 1).any():
        raise CircuitError(f"{gaps.name}: those with given places have one contact each")
    connection = np.repeat(np.arange(len(source)), contacts)
    values = {n: x[connection] for n, x in values_of(circuit, gaps, stream, key).items()}
    nothing = np.zeros(len(connection))
    back = replace(
        gaps,
        source=gaps.target,
        target=gaps.source,
        place=gaps.source_place,
        source_place=gaps.place,
    )
    sides = []
    for of, of_source, neuron, what in (
        (gaps, source, target[connection], "place"),
        (back, target, source[connection], "source place"),
    ):
        population = circuit.population(of.target)
        where = compartments_of(population, neuron, of.place, stream, what, key, contacts)
        sides.append(Synapses(of, connection, of_source, neuron, where, nothing, nothing, values))
    return sides[0], sides[1]
