"""A SONATA configuration as a circuit of detailed cells, and what its simulation asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halfbrain.circuits.circuit import Circuit, SpikeList
from halfbrain.circuits.current import Current
from halfbrain.circuits.detailed.circuit import DetailedCircuit, DetailedPopulation
from halfbrain.circuits.detailed.drive import Clamp, Waveform
from halfbrain.circuits.detailed.wanted import Wanted
from halfbrain.errors import DataError, warn
from halfbrain.io.sonata.cells import Conditions, cells_of
from halfbrain.io.sonata.config import Config, check_read, files_read, read_config
from halfbrain.io.sonata.edges import read_edges
from halfbrain.io.sonata.inputs import Inputs, read_inputs
from halfbrain.io.sonata.nest_models import PREFIX
from halfbrain.io.sonata.node_sets import NodeSets
from halfbrain.io.sonata.nodes import Nodes, read_nodes
from halfbrain.io.sonata.point import point_circuit
from halfbrain.io.sonata.reports import read_reports
from halfbrain.io.sonata.wanted import voltages

_THRESHOLD = -15.0  # mV: BMTK's
_STEP = 0.1  # ms: BMTK's
_SIMULATORS = ("NEURON", "CORENEURON", "NEST")
_MOST_MILLISECONDS = 1e10


class _Writes:
    """What a simulation writes: spikes into one file, and reports into others."""

    spikes: Path
    reports: tuple[Wanted, ...]

    @property
    def outputs(self) -> list[tuple[str, Path]]:
        """The files that are written, by the keys that name them."""
        reports = [(f"reports.{wanted.name}", wanted.file) for wanted in self.reports]
        return [("output.spikes_file", self.spikes), *reports]


@dataclass(frozen=True, eq=False)
class Loaded(_Writes):
    """A circuit, and what its simulation asks for: how long, and which files are to be written.

    ``inputs`` are those that were read.
    """

    circuit: DetailedCircuit
    seconds: float | None
    spikes: Path
    reports: tuple[Wanted, ...]
    inputs: tuple[Path, ...] = ()


@dataclass(frozen=True, eq=False)
class LoadedPoints(_Writes):
    """A circuit of point neurons, and what its simulation asks for.

    ``currents`` are put in by :func:`halfbrain.engine.point.currents.inject`;
    ``reports`` are those of voltages, one every so many ms for all.
    """

    circuit: Circuit
    currents: tuple[Current, ...]
    seconds: float | None
    spikes: Path
    reports: tuple[Wanted, ...]
    every: float
    inputs: tuple[Path, ...]

    @property
    def voltages(self) -> dict[str, list[int]]:
        """The neurons whose voltage is recorded, by population, ``every`` so many seconds."""
        found: dict[str, set[int]] = {}
        for wanted in self.reports:
            for population, ids in wanted.neurons.items():
                found.setdefault(population, set()).update(ids)
        return {population: sorted(ids) for population, ids in found.items()}


def read_sonata(file: Path, mechanisms: Path | None = None) -> Loaded | LoadedPoints:
    """A circuit from ``circuit_config.json``, ``simulation_config.json`` or what names both.

    Where all neurons are NEST's point neurons it is one of those, else one of detailed cells.

    Parameters
    ----------
    file
        the configuration.
    mechanisms
        the folder of .mod files, for a configuration that names none; it goes before one that
        it names.

    Raises
    ------
    DataError, ModelError, CircuitError
        one line with the file, the place in it, and what is wrong there.
    """
    config = read_config(file, mechanisms)
    simulator = config.document.get("target_simulator", "NEURON")
    if str(simulator).upper() not in _SIMULATORS:
        raise config.fail(
            f"{simulator!r:.40} is not read; configurations of NEURON and NEST are",
            "target_simulator",
        )
    nodes = read_nodes(config)
    check_read(config)
    nodes = NodeSets(config, nodes).simulated(config)
    sets = NodeSets(config, nodes)
    made = _points if _all_points(nodes) else _detailed
    return made(config, nodes, sets)


def _all_points(nodes: Mapping[str, Nodes]) -> bool:
    templates = [
        name
        for own in nodes.values()
        if own.simulated and not own.virtual
        for name in np.unique(own.table.texts("model_template").astype(str))
    ]
    return bool(templates) and all(name.startswith(PREFIX) for name in templates)


def _points(config: Config, nodes: Mapping[str, Nodes], sets: NodeSets) -> LoadedPoints:
    inputs = read_inputs(config, sets)
    if inputs.waveforms or inputs.replays:
        one = inputs.waveforms[0].name if inputs.waveforms else inputs.replays[0].name
        raise config.fail(f"{one}: is not read onto point neurons", "inputs")
    step = _step(config)
    circuit = point_circuit(config, nodes, inputs.trains, step)
    if inputs.clamps:
        warn(f"{config.file}: currents into point neurons are in pA, as BMTK has them, not in nA")
    currents = [
        # BMTK hands the number of the file to NEST, which takes it in pA, and whose generators
        # act two steps after their times.
        Current(
            clamp.target,
            np.asarray(clamp.amplitude, np.float64) * 1e-12,
            (clamp.start + 2 * step) * 1e-3,
            (clamp.start + clamp.duration + 2 * step) * 1e-3,
        )
        for clamp in inputs.clamps
    ]
    reports = voltages(config, sets, step, _folder(config))
    return LoadedPoints(
        circuit,
        tuple(currents),
        _seconds(config),
        _spikes_file(config),
        reports,
        min((wanted.every for wanted in reports), default=max(1.0, step)) * 1e-3,
        tuple(files_read(config)),
    )


def _step(config: Config) -> float:
    run = config.part("run")
    step = run.number("dt", _STEP)
    if not step > 0:
        raise run.fail(f"a time step is above 0 ms, not {step}", "dt")
    return step


def _seconds(config: Config) -> float | None:
    run = config.part("run")
    if "tstop" not in run.document:
        return None
    start, stop = run.number("tstart", 0.0), run.number("tstop")
    if start != 0 or not 0 < stop < _MOST_MILLISECONDS:
        raise run.fail("must be above 0, and tstart 0", "tstop")
    return stop * 1e-3


def _spikes_file(config: Config) -> Path:
    return _folder(config) / Path(config.part("output").text("spikes_file", "spikes.h5")).name


def _folder(config: Config) -> Path:
    return config.part("output").path("output_dir") or config.file.parent


def _detailed(config: Config, nodes: Mapping[str, Nodes], sets: NodeSets) -> Loaded:
    inputs = read_inputs(config, sets)
    drives: list[Clamp | Waveform] = [*inputs.clamps, *inputs.waveforms]
    for drive in drives:
        if nodes[drive.target].point.all():
            raise config.part("inputs").fail(
                f"currents into artificial cells, as those of {drive.target}, are not read",
                drive.label,
            )
    conditions = _conditions(config)
    threshold = config.part("run").number("spike_threshold", _THRESHOLD)
    edges = read_edges(config, nodes, inputs)
    step = _step(config)
    circuit = DetailedCircuit(
        name=config.file.stem,
        populations=(
            *(
                _population(own, config, conditions, threshold, inputs.trains)
                for own in nodes.values()
                if own.simulated
            ),
            *_replaying(inputs, nodes),
        ),
        receptors=edges.receptors,
        projections=edges.projections,
        clamps=tuple(inputs.clamps),
        waveforms=tuple(inputs.waveforms),
        dt=step,
        source=str(config.file),
        notes=edges.notes,
    )
    return Loaded(
        circuit,
        _seconds(config),
        _spikes_file(config),
        tuple(read_reports(config, sets, _folder(config), step)),
        tuple(files_read(config)),
    )


def _replaying(inputs: Inputs, nodes: Mapping[str, Nodes]) -> Iterator[DetailedPopulation]:
    for replay in inputs.replays:
        for name, train in replay.trains.items():
            source = replay.source(nodes[name])
            yield DetailedPopulation(source.name, train, source.table.size)


def _conditions(config: Config) -> Conditions:
    part = config.part("conditions")

    def given(name: str) -> float | None:
        return part.number(name) if name in part.document else None

    length = 2 * config.part("run").number("dL", 20.0)
    if not length > 0:
        raise config.part("run").fail("must be above 0 um", "dL")
    return Conditions(given("celsius"), given("v_init"), length, part.flag("usetable"))


def _population(
    nodes: Nodes,
    config: Config,
    conditions: Conditions,
    threshold: float,
    trains: Mapping[str, SpikeList],
) -> DetailedPopulation:
    if nodes.table.size == 0:
        raise DataError(f"{nodes.table.place}: has no node")
    if nodes.virtual:
        none = SpikeList(np.empty(0), np.empty(0, np.int64))
        return DetailedPopulation(nodes.name, trains.get(nodes.name, none), nodes.table.size)
    cells, kinds = cells_of(nodes, config, conditions)
    return DetailedPopulation(
        nodes.name, cells, nodes.table.size, nodes.positions, kinds, threshold
    )
