"""A circuit of detailed cells as another simulator is told of it: numbers and names only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from halfbrain.compare.cable_job import CableJob, Floats, check_pointers, job
from halfbrain.compare.linear_blocks import without_linear
from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import RunError
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.mechanism import Mechanism

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Points:
    """Point processes of one mechanism, a place for each; ``streams`` of random numbers or none."""

    name: str
    neuron: Whole
    compartment: Whole
    values: Mapping[str, Floats]
    streams: Whole | None


@dataclass(frozen=True)
class NetworkJob:
    """Neurons, point processes and connections.

    Neuron n is of the kind ``kind[n]`` of ``cells`` and source n; further sources fire at the given
    times. A connection's target is a point process: which of ``points``, and the place in it.
    ``clamps`` are neuron, start, duration (ms), nA. ``shared`` are variables of a mechanism as a
    whole, by NEURON's names.
    """

    cells: tuple[CableJob, ...]
    kind: Whole
    somata: Whole
    thresholds: Floats
    points: tuple[Points, ...]
    shared: Mapping[str, float]
    sources: Whole
    groups: Whole
    places: Whole
    delays: Floats
    weights: Floats
    given_times: Floats
    given_sources: Whole
    clamps: tuple[tuple[int, float, float, float], ...]
    milliseconds: float
    dt: float
    seed: int
    threads: int
    coreneuron: bool = False
    by_section: bool = False
    library: str = ""


@dataclass(frozen=True)
class NetworkResult:
    """Spikes (ms, neuron), on how many threads, seconds of building and running, most memory."""

    times: Floats
    neurons: Whole
    threads: int
    build_seconds: float
    wall_seconds: float
    peak_bytes: int


def network_job(built: CableGroup, milliseconds: float, threads: int) -> NetworkJob:
    """What to ask for a circuit that is built here.

    Raises
    ------
    RunError
        where its cells are of several temperatures.
    """
    cells = built.simulation.cells
    if len({cell.celsius for cell in cells}) > 1:
        raise RunError("NEURON has one temperature for all cells; these have several")
    apart = names_apart(built)
    kinds: dict[tuple[int, ...], int] = {}
    jobs: list[CableJob] = []
    kind = np.empty(len(cells), np.int64)
    for n, cell in enumerate(cells):
        for placed in cell.placed:
            check_pointers(placed)
        own = tuple(p for p in cell.placed if p.mechanism.kind == "density")
        key = (id(cell.area), *(id(p) for p in own))
        if key not in kinds:
            kinds[key] = len(jobs)
            jobs.append(_renamed(job(replace(cell, placed=own), milliseconds), own, apart))
        kind[n] = kinds[key]
    points, shared, where = _points(cells, apart)
    groups, places, sources = [], [], []
    for home, own_sources in zip(built.homes, built.sources_of(), strict=True):
        found = [where[n, m] for n, m in zip(home.neuron, home.mechanism, strict=True)]
        groups.append(np.array([group for group, _ in found], np.int64))
        places.append(np.array([first for _, first in found], np.int64) + home.place)
        sources.append(own_sources)
    times, given = built.given_spikes(milliseconds)
    nothing = np.empty(0, np.int64)
    return NetworkJob(
        cells=tuple(jobs),
        kind=kind,
        somata=np.array(built.somata, np.int64),
        thresholds=_thresholds(built),
        points=points,
        shared=shared,
        sources=np.concatenate([nothing, *sources]),
        groups=np.concatenate([nothing, *groups]),
        places=np.concatenate([nothing, *places]),
        delays=np.concatenate([np.empty(0), *(some.delay for some in built.drawn)]),
        weights=np.concatenate([np.empty(0), *(some.weight for some in built.drawn)]),
        given_times=times,
        given_sources=given,
        clamps=tuple(built.clamped),
        milliseconds=milliseconds,
        dt=built.circuit.dt,
        seed=built.seed,
        threads=threads,
    )


def _thresholds(built: CableGroup) -> Floats:
    out = np.empty(built.neurons)
    for name, own in built.populations.items():
        out[own.start : own.stop] = built.circuit.population(name).threshold
    return out


Names = Mapping[tuple[str, str], str]


def names_apart(built: CableGroup) -> Names:
    """A name for each mechanism by its name and source: NEURON knows one of each name."""
    out: dict[tuple[str, str], str] = {}
    for cell in built.simulation.cells:
        for placed in cell.placed:
            key = placed.mechanism.name, placed.mechanism.source
            if key not in out:
                same = sum(name == key[0] for name, _ in out)
                out[key] = f"{key[0]}_{same + 1}" if same else key[0]
    return out


def write_mechanisms(names: Names, into: Path, *, written_out: bool = False) -> list[Path]:
    """Copies of the .mod files in a folder, for threads, and renamed where two are of one name.

    Those that NEURON has built in are left out. ``written_out`` puts what
    :func:`halfbrain.compare.linear_blocks.without_linear` says in the place of LINEAR blocks.

    Raises
    ------
    ModelError
        for a file with such a block that is not read.
    """
    into.mkdir(parents=True, exist_ok=True)
    files = []
    for (name, source), own in names.items():
        if not source.endswith(".mod"):
            continue
        text = Path(source).read_text("utf-8", errors="replace")
        if "THREADSAFE" not in text:  # as NEURON's mkthreadsafe does
            text = re.sub(
                r"^(\s*NEURON\s*\{)", r"\g<1> THREADSAFE", text, count=1, flags=re.MULTILINE
            )
        if own != name:
            text = re.sub(rf"\b(SUFFIX|POINT_PROCESS)(\s+){name}\b", rf"\g<1>\g<2>{own}", text)
        if written_out:
            text = without_linear(text, Path(source))
        files.append(into / f"{own}.mod")
        files[-1].write_text(text, "utf-8")
    return files


def _renamed(asked: CableJob, placed: Sequence[Placed], apart: Names) -> CableJob:
    inserted = tuple(
        replace(one, name=apart[p.mechanism.name, p.mechanism.source])
        for one, p in zip(asked.inserted, placed, strict=True)
    )
    return replace(asked, inserted=inserted)


def _points(
    cells: Sequence[Compartments], apart: Names
) -> tuple[tuple[Points, ...], dict[str, float], dict[tuple[int, int], tuple[int, int]]]:
    """All point processes; where those of a neuron's placed mechanism are: group, first place."""
    members: dict[str, list[tuple[int, int, Placed]]] = {}
    for n, cell in enumerate(cells):
        for m, placed in enumerate(cell.placed):
            if placed.mechanism.kind == "point":
                name = apart[placed.mechanism.name, placed.mechanism.source]
                members.setdefault(name, []).append((n, m, placed))
    points, shared = [], {}
    where: dict[tuple[int, int], tuple[int, int]] = {}
    for group, (name, own) in enumerate(members.items()):
        mechanism = own[0][2].mechanism
        first = 0
        for n, m, placed in own:
            where[n, m] = group, first
            first += len(placed.where)
        for key in mechanism.shared:
            if key in own[0][2].parameters:
                shared[f"{key}_{name}"] = float(np.asarray(own[0][2].parameters[key]).flat[0])
        points.append(
            Points(
                name,
                np.concatenate([np.full(len(p.where), n) for n, _, p in own]),
                np.concatenate([p.where for _, _, p in own]),
                _values(mechanism, [p for _, _, p in own]),
                np.concatenate([_streams(n, m, p) for n, m, p in own]),
            )
        )
    return tuple(points), shared, where


def _values(mechanism: Mechanism, placed: Sequence[Placed]) -> dict[str, Floats]:
    names = {name for p in placed for name in p.parameters} - set(mechanism.shared)
    return {
        name: np.concatenate(
            [
                np.broadcast_to(p.parameters.get(name, mechanism.parameters[name]), len(p.where))
                for p in placed
            ]
        )
        for name in sorted(names)
    }


def _streams(neuron: int, mechanism: int, placed: Placed) -> Whole:
    if placed.streams is not None:
        return placed.streams
    place = np.arange(len(placed.where))
    return np.stack([np.full_like(place, neuron), np.full_like(place, mechanism), place], axis=1)
