"""A circuit of detailed cells here and on other simulators.

NEURON and CoreNEURON run the same circuit: the same synapses in the same compartments, the same
delays, the same random numbers. Arbor and Jaxley do not have its stochastic synapses nor all of its
channels: they run its cells' shapes with Hodgkin and Huxley's, and so does the engine beside them.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.circuits.detailed.circuit import DetailedCircuit
from halfbrain.compare import network_on_neuron, shapes
from halfbrain.compare.compare import compare
from halfbrain.compare.installed import missing
from halfbrain.compare.job import PeerResult
from halfbrain.compare.network_job import (
    names_apart,
    network_job,
    write_mechanisms,
)
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.asked import DType
from halfbrain.engine.cable.group import CableGroup
from halfbrain.errors import HalfbrainError, RunError
from halfbrain.version import VERSION

WHOLE = ("neuron", "coreneuron")
PEERS = (*WHOLE, *shapes.PEERS)
_TIMED = 100.0  # ms of a run that is only timed


def compare_detailed(
    circuit: DetailedCircuit,
    names: Sequence[str],
    *,
    seconds: float,
    threads: int,
    dtype: DType,
    seed: int,
    timeout: float = 3600.0,
    begun: Callable[[str], object] = lambda name: None,
) -> dict[str, Any]:
    """Run a circuit here and on peers; the document of :func:`halfbrain.compare.compare.compare`.

    It has besides, in ``shapes``, what :func:`halfbrain.compare.shapes.compare_shapes` gives.

    Raises
    ------
    HalfbrainError
        one line, if it cannot be built or run here.
    """
    begun("halfbrain")
    built = CableGroup(circuit, seed=seed, dtype=dtype, threads=threads)
    built.run(circuit.dt * 1e-3)  # compiles what no cache on disk holds yet, so is not timed
    compiled, rest = built.wall_seconds, seconds - circuit.dt * 1e-3
    if rest >= circuit.dt * 1e-3 / 2:
        built.run(rest)
    ours = _ours(built, seconds, compiled)
    others: dict[str, PeerResult | str] = {}
    for name in dict.fromkeys(n for n in names if n in WHOLE):
        begun(name)
        try:
            others[name] = _on_neuron(built, name, seconds, threads, timeout)
        except HalfbrainError as error:
            others[name] = str(error)
    document = compare(circuit, ours, others)
    alone = [name for name in dict.fromkeys(names) if name in shapes.PEERS]
    document["shapes"] = None
    if alone:
        document["shapes"] = shapes.compare_shapes(
            built.simulation.cells, alone, dt=circuit.dt, threads=threads, dtype=dtype, begun=begun
        )
    return document


def _ours(built: CableGroup, seconds: float, compiled: float) -> PeerResult:
    spikes = built.spikes
    timed = seconds - built.circuit.dt * 1e-3
    share = seconds / timed if timed > 0 else 1.0
    return PeerResult(
        name="halfbrain",
        version=VERSION,
        compiled="Numba",
        precision=built.dtype,
        seconds=seconds,
        sizes={name: len(own) for name, own in built.populations.items()},
        spikes={name: spikes.of(name) for name in built.populations},
        build_seconds=built.build_seconds,
        compile_seconds=compiled,
        wall_seconds=(built.wall_seconds - compiled) * share,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _on_neuron(
    built: CableGroup, name: str, seconds: float, threads: int, timeout: float
) -> PeerResult:
    if reason := missing(name):
        raise RunError(reason)
    core = name == "coreneuron"
    begun = time.perf_counter()
    # NEURON's spikes are those of the files as they are, its time is that of what threads can run.
    library = _library(built, core, core)
    fast = library if core else _library(built, core, True)
    compiled = time.perf_counter() - begun
    asked = network_job(built, seconds * 1e3, threads)
    asked = replace(asked, library=library, coreneuron=core)
    exact = run_on(network_on_neuron, asked, timeout=timeout)
    timed = min(_TIMED, asked.milliseconds)
    in_sections = replace(asked, library=fast, by_section=True, milliseconds=timed)
    sections = run_on(network_on_neuron, in_sections, timeout=timeout)
    spikes = {}
    dt = built.circuit.dt
    steps = np.rint(exact.times / dt).astype(np.int64)
    order = np.lexsort((exact.neurons, steps))
    for population, own in built.populations.items():
        mine = order[(exact.neurons[order] >= own.start) & (exact.neurons[order] < own.stop)]
        spikes[population] = (steps[mine] * np.float64(dt * 1e-3), exact.neurons[mine] - own.start)
    return PeerResult(
        name=name,
        version=version("neuron"),
        compiled="nrnivmodl" + (" -coreneuron" if core else ""),
        precision="float64",
        seconds=seconds,
        sizes={population: len(own) for population, own in built.populations.items()},
        spikes=spikes,
        build_seconds=exact.build_seconds,
        compile_seconds=compiled,
        wall_seconds=sections.wall_seconds * asked.milliseconds / timed,
        peak_bytes=exact.peak_bytes,
        notes=(
            f"timed over {timed:g} ms with its cells in sections, {sections.threads} threads; "
            "spikes are of cells compartment by compartment, which took "
            f"{exact.wall_seconds:.3g} s, {exact.threads} threads",
        ),
    )


def _library(built: CableGroup, core: bool, written_out: bool) -> str:
    """The circuit's mechanisms, compiled once; none, where NEURON has them all."""
    names = names_apart(built)
    with tempfile.TemporaryDirectory() as folder:
        files = write_mechanisms(names, Path(folder), written_out=written_out)
        return compile_mechanisms(files, coreneuron=core) if files else ""
