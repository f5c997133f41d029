"""The shapes of a circuit's cells with Hodgkin and Huxley's channels, here and on Arbor and Jaxley.

These have neither the circuit's stochastic synapses nor all of its channels; ``hh`` everyone has.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from halfbrain.cells.detailed.classic import with_hodgkin_huxley
from halfbrain.compare.cable_job import CableJob, CableResult, job
from halfbrain.compare.installed import missing
from halfbrain.compare.joined import joined
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.asked import DType
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import HalfbrainError, RunError
from halfbrain.morphology.compartments import Compartments

PEERS = ("arbor", "jaxley")
_LENGTH = 50.0  # ms
_CURRENT = 1.0  # nA into each soma
_FIRST, _THRESHOLD = 5.0, -20.0  # ms, mV


def compare_shapes(
    cells: Sequence[Compartments],
    names: Sequence[str],
    *,
    dt: float,
    threads: int,
    dtype: DType,
    begun: Callable[[str], object],
) -> dict[str, Any]:
    """Time the shapes here and on peers: a document for JSON.

    ``wall_seconds`` are of ``milliseconds``, without what a run takes to begin.

    Raises
    ------
    HalfbrainError
        one line, if they cannot be run here.
    """
    begun("the shapes alone")
    kinds: dict[tuple[bytes, ...], list[int]] = {}
    for n, cell in enumerate(cells):
        shape = (cell.parent, cell.area, cell.coupling, cell.capacitance)
        kinds.setdefault(tuple(x.tobytes() for x in shape), []).append(n)
    shapes = {own[0]: with_hodgkin_huxley(joined(cells[own[0]])) for own in kinds.values()}
    own_of = {n: shapes[own[0]] for own in kinds.values() for n in own}
    wall, spikes = _here([own_of[n] for n in range(len(cells))], dt, threads, dtype)
    jobs = [
        job(
            shapes[own[0]], _LENGTH, dt=dt, clamps=[(0, _FIRST, 1e9, _CURRENT)], dtype=dtype,
            threshold=_THRESHOLD, copies=len(own), threads=threads, together=-(-len(own) // threads)
        )
        for own in kinds.values()
    ]  # fmt: skip
    runs: list[dict[str, Any]] = []
    for name in names:
        begun(f"{name}, the shapes alone")
        try:
            runs.append(_there(name, jobs))
        except (HalfbrainError, ImportError) as error:
            runs.append({"name": name, "failed": " ".join(str(error).split())})
    return {
        "milliseconds": _LENGTH,
        "compartments": sum(len(cell.parent) for cell in own_of.values()),
        "wall_seconds": wall,
        "spikes": spikes,
        "runs": runs,
    }


def _here(
    cells: Sequence[Compartments], dt: float, threads: int, dtype: DType
) -> tuple[float, int]:
    simulation = CableSimulation(cells, dt, dtype=dtype, threads=threads)
    for n in range(len(cells)):
        simulation.detect(n, 0, _THRESHOLD)
        simulation.current_clamp(n, 0, _FIRST, 1e9, _CURRENT)
    simulation.run(_LENGTH)
    return simulation.wall_seconds, len(simulation.spikes()[0])


def _there(name: str, jobs: Sequence[CableJob]) -> dict[str, Any]:
    if reason := missing(name):
        raise RunError(reason)
    peer = importlib.import_module(f"halfbrain.compare.on_{name}")
    results: list[CableResult] = [run_on(peer, asked) for asked in jobs]
    return {
        "name": name,
        "failed": None,
        "version": _version(name),
        "wall_seconds": sum(result.seconds for result in results) * _LENGTH,
        "spikes": sum(result.total_spikes for result in results),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
