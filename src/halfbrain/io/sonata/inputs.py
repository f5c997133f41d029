"""SONATA's inputs: spike trains that are given or played again, and currents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from halfbrain.circuits.circuit import SpikeList
from halfbrain.circuits.detailed.drive import Clamp, Waveform
from halfbrain.io.sonata.config import Config
from halfbrain.io.sonata.currents import KINDS, read_currents
from halfbrain.io.sonata.node_sets import NodeSets
from halfbrain.io.sonata.nodes import Nodes
from halfbrain.io.sonata.tables import Ints
from halfbrain.io.sonata.trains import Trains, given_spikes, lists_of, needed, spikes_of

ACTIVITY = "syn_activity"


@dataclass(frozen=True, eq=False)
class Replay:
    """Spikes of neurons that are played to the synapses of some edges, whatever those do.

    ``edges`` are the parts of a configuration that name files, None: the circuit's. Only those
    between ``sources`` and ``targets`` (nodes by population) are there.
    """

    name: str
    trains: Mapping[str, SpikeList]
    edges: list[Config] | None
    targets: Mapping[str, Ints]

    @property
    def sources(self) -> Mapping[str, Ints]:
        """The nodes that fire."""
        return {name: np.unique(train.neurons) for name, train in self.trains.items()}

    def source(self, nodes: Nodes) -> Nodes:
        """A population of its nodes that plays out spikes."""
        return replace(nodes, name=f"{nodes.name}.{self.name}", virtual=True)


@dataclass(eq=False)
class Inputs:
    """What drives a circuit: spikes of virtual populations, currents, replays."""

    trains: dict[str, SpikeList] = field(default_factory=dict)
    clamps: list[Clamp] = field(default_factory=list)
    waveforms: list[Waveform] = field(default_factory=list)
    replays: list[Replay] = field(default_factory=list)

    @property
    def silences(self) -> bool:
        """Whether synapses from neurons are those of a replay only."""
        return any(replay.edges is None for replay in self.replays)


def read_inputs(config: Config, sets: NodeSets) -> Inputs:
    """All inputs of a simulation.

    Raises
    ------
    DataError
        one line with the file, the input, and what is wrong with it.
    """
    out, trains = Inputs(), Trains()
    for name, part in _enabled(config):
        kind = part.text("input_type")
        if kind == "spikes":
            for population, (times, nodes) in given_spikes(part, sets).items():
                old = trains.get(population, (np.empty(0), np.empty(0, np.int64)))
                joined = np.concatenate((old[0], times)), np.concatenate((old[1], nodes))
                trains[population] = joined
        elif kind == "replay_spikes":
            out.replays.append(_replay(name, part, sets))
        elif kind == ACTIVITY:
            out.replays.append(_activity(name, part, sets))
        elif kind in KINDS:
            for drive in read_currents(name, part, sets, config.part("run")):
                if isinstance(drive, Clamp):
                    out.clamps.append(drive)
                else:
                    out.waveforms.append(drive)
        else:
            known = f"spikes, replay_spikes, {ACTIVITY}, {', '.join(KINDS)} are"
            raise part.fail(f"{kind[:40]!r} is not read; {known}", "input_type")
    out.trains = lists_of(trains)
    return out


def _enabled(config: Config) -> Iterator[tuple[str, Config]]:
    for name, part in config.part("inputs").named():
        if part.document.get("enabled") is not False:
            yield name, part


def _replay(name: str, part: Config, sets: NodeSets) -> Replay:
    """BMTK's: the spikes of an earlier run, onto the edges of a file."""
    sources = sets.chosen(part.document.get("source_node_set"))
    trains = lists_of(spikes_of(needed(part, "spikes_file"), sets, sources))
    edges = [part.part("edges")]
    return Replay(name, trains, edges, sets.chosen(part.document.get("target_node_set")))


def _activity(name: str, part: Config, sets: NodeSets) -> Replay:
    """BMTK's: all synapses of some neurons are active at given times, and no others are."""
    times = np.array(part.numbers("timestamps")) * 1e-3
    if not (times >= 0).all():
        raise part.fail("a time is below 0 ms", "timestamps")
    trains: Trains = {
        population: (np.repeat(times, len(nodes)), np.tile(nodes, len(times)))
        for population, nodes in sets.chosen(part.document.get("precell_filter")).items()
    }
    return Replay(name, lists_of(trains), None, sets.chosen(None))
