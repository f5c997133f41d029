"""The synapses of a circuit of detailed cells, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from halfbrain.cells.detailed.installed import detailed_cell
from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.circuit import (
    DetailedCircuit,
    DetailedPopulation,
    DetailedProjection,
    GapJunctions,
    PoissonInput,
    Scaled,
)
from halfbrain.circuits.detailed.place import At, chosen, located
from halfbrain.connectivity.degrees import Ends
from halfbrain.connectivity.draw import Floats, Ints, Stream
from halfbrain.connectivity.pairs import pairs
from halfbrain.connectivity.value import Value
from halfbrain.errors import CircuitError
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.places import Where

_MOST_CONTACTS = 1000


@dataclass(frozen=True, eq=False)
class Synapses:
    """The synapses of a projection or an input, a place for each.

    ``connection`` numbers the connections that they belong to, in order; ``source`` is that of each
    connection: a neuron or source of the source population, or the connection itself if it has
    Poisson spikes of its own. ``target`` and ``compartment`` say where each synapse is. ``weight``,
    ``delay`` (ms) and ``values`` (by parameter) are those of each synapse.
    """

    of: DetailedProjection | PoissonInput | GapJunctions
    connection: Ints
    source: Ints
    target: Ints
    compartment: Ints
    weight: Floats
    delay: Floats
    values: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.target)


@lru_cache(maxsize=64)
def _installed(name: str) -> Compartments:
    return detailed_cell(name)


def kinds(population: DetailedPopulation) -> list[Compartments]:
    """The kinds of cells of a population.

    Raises
    ------
    DataError
        one line, where a cell's package is not installed.
    """
    assert not isinstance(population.cells, SpikeList)
    return [_installed(cell) if isinstance(cell, str) else cell for cell in population.cells]


def kind_of(population: DetailedPopulation) -> Ints:
    """The number of each neuron's kind."""
    assert not isinstance(population.cells, SpikeList)
    if population.kinds is not None:
        return population.kinds
    return np.arange(population.size) % len(population.cells)


def positions(population: DetailedPopulation) -> Floats:
    """Where its somata are, um."""
    if population.positions is None:
        return np.zeros((population.size, 3))
    return population.positions


def drawn_synapses(circuit: DetailedCircuit, seed: int) -> list[Synapses]:
    """The synapses of each projection, then those of each input.

    Raises
    ------
    CircuitError, DataError
        one line that names the projection or input, and what is wrong with it.
    """
    return [
        *(_between(circuit, projection, seed) for projection in circuit.projections),
        *(_outside(circuit, given, seed) for given in circuit.inputs),
    ]


def _between(circuit: DetailedCircuit, projection: DetailedProjection, seed: int) -> Synapses:
    stream = Stream(seed, projection.name)
    pre, post = circuit.population(projection.source), circuit.population(projection.target)
    at = positions(pre), positions(post)
    ends = Ends(pre.size, post.size, pre.name == post.name, at)
    source, target = pairs(projection.rule, ends, stream)
    # The same pair may be connected more than once: a number tells its connections apart.
    number = repeats(source, target)
    key = (source, target, number)
    contacts = contacts_of(stream, projection.contacts, *key)
    if isinstance(projection.place, At) and (contacts > 1).any():
        raise CircuitError(f"{projection.name}: synapses with given places have one contact each")
    delay = stream.numbers("delay", projection.delay, *key)
    if np.isfinite(projection.velocity):
        apart = np.sqrt(((at[0][source] - at[1][target]) ** 2).sum(axis=1))
        delay = delay + apart / projection.velocity
    return _spread(circuit, projection, stream, key, contacts, delay, source)


def _outside(circuit: DetailedCircuit, given: PoissonInput, seed: int) -> Synapses:
    stream = Stream(seed, given.name)
    post = circuit.population(given.target)
    wanted = stream.numbers("connections", given.connections, np.arange(post.size))
    # A share of a connection is one with that probability.
    less = stream.uniforms("share", np.arange(post.size))
    count = np.maximum(np.floor(wanted + less), 0).astype(np.int64)
    target = np.repeat(np.arange(post.size), count)
    number = np.arange(len(target)) - np.repeat(np.cumsum(count) - count, count)
    key = (number, target, np.zeros(len(target), np.int64))
    contacts = contacts_of(stream, given.contacts, *key)
    delay = stream.numbers("delay", given.delay, *key)
    return _spread(circuit, given, stream, key, contacts, delay, np.arange(len(target)))


def repeats(source: Ints, target: Ints) -> Ints:
    """A number for each pair: how often it has come before."""
    order = np.lexsort((source, target))
    s, t = source[order], target[order]
    new = np.ones(len(s), bool)
    new[1:] = (s[1:] != s[:-1]) | (t[1:] != t[:-1])
    first = np.maximum.accumulate(np.where(new, np.arange(len(s)), 0))
    out = np.empty(len(s), np.int64)
    out[order] = np.arange(len(s)) - first
    return out


def contacts_of(stream: Stream, value: Value, a: Ints, b: Ints, c: Ints) -> Ints:
    """How many contacts each connection has."""
    found = np.rint(stream.numbers("contacts", value, a, b, c)).astype(np.int64)
    if len(found) and found.max() > _MOST_CONTACTS:
        raise CircuitError(f"{stream.name}: {found.max()} contacts of one connection")
    return np.maximum(found, 1)


def _spread(
    circuit: DetailedCircuit,
    of: DetailedProjection | PoissonInput,
    stream: Stream,
    key: tuple[Ints, Ints, Ints],
    contacts: Ints,
    delay: Floats,
    source: Ints,
) -> Synapses:
    """A synapse for each contact of each connection."""
    connection = np.repeat(np.arange(len(source)), contacts)
    target = key[1][connection]
    post = circuit.population(of.target)
    compartment = compartments_of(post, target, of.place, stream, "place", key, contacts)
    values = values_of(circuit, of, stream, key)
    weight = stream.numbers("weight", of.weight, *key)
    return Synapses(
        of,
        connection,
        source,
        target,
        compartment,
        weight[connection],
        delay[connection],
        {name: each[connection] for name, each in values.items()},
    )


def compartments_of(
    population: DetailedPopulation,
    neuron: Ints,
    place: At | Where,
    stream: Stream,
    what: str,
    key: tuple[Ints, Ints, Ints],
    contacts: Ints,
) -> Ints:
    """The compartment of each synapse on its neuron; connections have so many ``contacts``."""
    connection = np.repeat(np.arange(len(contacts)), contacts)
    contact = np.arange(len(connection)) - np.repeat(np.cumsum(contacts) - contacts, contacts)
    compartment = np.zeros(len(neuron), np.int64)
    kind = kind_of(population)[neuron]
    for number, cell in enumerate(kinds(population)):
        mine = np.flatnonzero(kind == number)
        if isinstance(place, At):
            compartment[mine] = located(place, cell, mine, stream.name)
        else:
            a, b, c = (x[connection[mine]] for x in key)
            where = stream.uniforms(what, a, b, c * _MOST_CONTACTS + contact[mine])
            compartment[mine] = chosen(place, cell, where, stream.name)
    return compartment


def values_of(
    circuit: DetailedCircuit,
    of: DetailedProjection | PoissonInput | GapJunctions,
    stream: Stream,
    key: tuple[Ints, Ints, Ints],
) -> dict[str, Floats]:
    """The parameters of each connection."""
    receptor = circuit.receptor(of.receptor)
    given = {n: v for n, v in receptor.values.items() if n not in receptor.mechanism.shared}
    given |= of.values
    drawn = {
        name: stream.numbers(name, value, *key)
        for name, value in given.items()
        if not isinstance(value, Scaled)
    }
    for name, value in given.items():
        if isinstance(value, Scaled):
            if value.of not in drawn:
                raise CircuitError(
                    f"{stream.name}: {name} is scaled from {value.of[:40]!r}, which is not given"
                )
            drawn[name] = value.factor * drawn[value.of] ** value.power
    return drawn
