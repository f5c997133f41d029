"""SONATA's point neurons: NEST's models of the integrate-and-fire family, as BMTK's PointNet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.connectivity.rule import Explicit
from halfbrain.errors import DataError, warn
from halfbrain.io.sonata.config import Config, read_json
from halfbrain.io.sonata.edges import contacts, edges_of, finite, weights_of
from halfbrain.io.sonata.nest_cells import WEIGHTS, nest_cell
from halfbrain.io.sonata.nest_models import PREFIX, Form, Neurons, read_neurons
from halfbrain.io.sonata.nodes import Nodes
from halfbrain.io.sonata.tables import Floats, Ints, Table

_DELAY = 1.0  # ms: NEST's
_SIGNED = {1: "ex", 2: "in"}  # where weights above and below 0 go


@dataclass(frozen=True, eq=False)
class _Edges:
    """Synapses in the order of the file: onto which port, with which weight (NEST's) and delay."""

    source: str
    target: str
    sources: Ints
    targets: Ints
    ports: Ints
    weights: Floats
    delays: Floats

    def some(self, rows: Ints) -> _Edges:
        """Some of them."""
        columns = ("sources", "targets", "ports", "weights", "delays")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})


def point_circuit(
    config: Config, nodes: Mapping[str, Nodes], trains: Mapping[str, SpikeList], dt: float
) -> Circuit:
    """A circuit whose neurons are all NEST's; ``dt`` in ms.

    Raises
    ------
    DataError
        one line with the file and what is wrong in it.
    """
    simulated = [own for own in nodes.values() if own.simulated]
    neurons = {n.name: read_neurons(config, n.table) for n in simulated if not n.virtual}
    edges = [
        _edges(config, neurons[target.name], dt, source, sources, target, targets, table)
        for _, source, sources, target, targets, table in edges_of(config, nodes)
    ]
    populations, ports = [], dict[str, dict[int, str]]()
    for own in simulated:
        if own.virtual:
            given = trains.get(own.name, SpikeList(np.empty(0), np.empty(0, np.int64)))
            for name, train in _trains(own.name, given, dt):
                populations.append(Population(name, train, own.table.size))
                if name != own.name:
                    again = [e for e in edges if e.source == own.name]
                    fired = np.unique(train.neurons)
                    edges += [
                        replace(e.some(np.flatnonzero(np.isin(e.sources, fired))), source=name)
                        for e in again
                    ]
            continue
        found = neurons[own.name]
        used = sorted({int(p) for e in edges if e.target == own.name for p in np.unique(e.ports)})
        named = found.by_port.any()
        ports[own.name] = {p: f"port{p}" if named else _SIGNED[p] for p in used}
        cell, values = nest_cell(
            found.form, found.parameters, dt, ports[own.name], f"{own.name}.{found.names[0]}"
        )
        populations.append(Population(own.name, cell, own.table.size, values))
    return Circuit(
        name=config.file.stem,
        populations=tuple(populations),
        projections=tuple(
            projection
            for own in edges
            for projection in _projections(own, neurons[own.target].form, ports[own.target])
        ),
        dt=dt * 1e-3,
        source=str(config.file),
    )


def _trains(name: str, given: SpikeList, dt: float) -> Iterator[tuple[str, SpikeList]]:
    """Given spikes, at the first step not before each, as NEST delivers them.

    The second spikes of nodes in a step are those of a population of their own, and so on.
    """
    steps = np.ceil(given.times * 1e3 / dt - 1e-6)
    order = np.lexsort((steps, given.neurons))
    steps, neurons = steps[order], given.neurons[order]
    new = np.ones(len(steps), bool)
    new[1:] = (np.diff(steps) != 0) | (np.diff(neurons) != 0)
    places = np.arange(len(steps))
    layer = places - np.maximum.accumulate(np.where(new, places, 0))
    for number in range(int(layer.max(initial=0)) + 1):
        own = np.flatnonzero(layer == number)
        own = own[np.argsort(steps[own], kind="stable")]
        train = SpikeList(steps[own] * dt * 1e-3, neurons[own])
        yield f"{name}.{number + 1}" if number else name, train


def _edges(
    config: Config, onto: Neurons, dt: float, source: Nodes, sources: Ints, target: Nodes,
    targets: Ints, table: Table,
) -> _Edges:  # fmt: skip
    weights = weights_of(table, source, target, sources, targets) * contacts(table)
    if "delay" in table:
        delays = finite(table, "delay")
    else:
        delays = np.full(table.size, _DELAY)
        warn(f"{table.place}: names no delay; NEST's {_DELAY:g} ms is taken")
    if onto.form == "delta":
        # NEST's jump is at the end of a step, ours at the start of one, after which it leaks.
        weights = weights * np.exp(dt / onto.parameters["tau_m"][targets])
        delays = delays - dt
    if len(delays) and delays.min() < dt - 1e-6:
        steps = 2 if onto.form == "delta" else 1
        raise DataError(f"{table.place}: delays are {steps} steps of {dt:g} ms at least")
    ports = _ports(config, table)
    by_port = onto.by_port[targets]
    most = onto.most_ports[targets]
    if (wrong := np.flatnonzero(np.where(by_port, (ports < 1) | (ports > most), ports != 0))).size:
        raise DataError(
            f"{table.place}: receptor_type {ports[wrong[0]]} is none of its target, which has "
            f"{f'1 to {most[wrong[0]]}' if by_port[wrong[0]] else 'none'}"
        )
    ports = np.where(by_port, ports, np.where(weights < 0, 2, 1))
    return _Edges(source.name, target.name, sources, targets, ports, weights, delays)


def _projections(own: _Edges, form: Form, ports: Mapping[int, str]) -> Iterator[Projection]:
    for port, receptor in ports.items():
        some = own.some(np.flatnonzero(own.ports == port))
        if not len(some.ports):
            continue
        weights = np.abs(some.weights) if form.startswith("cond") else some.weights
        yield Projection(
            own.source,
            own.target,
            receptor,
            Explicit(some.sources, some.targets),
            weight=weights * WEIGHTS[form],
            delay=some.delays * 1e-3,
        )


def _ports(config: Config, table: Table) -> Ints:
    """The port that each edge's file of parameters names; 0 where it names none."""
    for template in np.unique(table.texts("model_template").astype(str)):
        if template.removeprefix(PREFIX) not in ("", "static_synapse"):
            raise DataError(
                f"{table.place}: model_template {template[:40]!r} is not read onto point neurons; "
                "static_synapse is"
            )
    folder = config.part("components").path("synaptic_models_dir")
    ports = np.zeros(table.size, np.int64)
    files = table.texts("dynamics_params").astype(str)
    for name in np.unique(files):
        if name and folder is not None:
            part = Config(folder / name, read_json(folder / name))
            for key in part.document:
                if key not in ("level_of_detail", "sign", "receptor_type"):
                    raise part.fail("is not read of a synapse onto a point neuron", key)
            port = part.number("receptor_type", 0.0)
            if port != int(port):
                raise part.fail("must be a whole number", "receptor_type")
            ports[files == name] = int(port)
    return ports
