"""halfbrain's own engine, run and measured like the others."""

from __future__ import annotations

import resource
import time
from dataclasses import replace

from halfbrain.cells.neuron import Neuron
from halfbrain.compare.job import Connections, Job, PeerResult, sizes_of
from halfbrain.engine.point.group import PointGroup
from halfbrain.version import VERSION


def available() -> str | None:
    """It always is."""
    return None


def run(job: Job) -> PeerResult:
    """Run a job in this process; the job's connectivity and states are the engine's own.

    The first step compiles what no cache on disk holds yet, so it is not timed; the rest stands
    for it.
    """
    simulation = PointGroup(job.circuit, seed=job.seed, threads=job.threads, dtype=job.dtype)
    started = time.perf_counter()
    simulation.run(job.dt)
    compiled = time.perf_counter() - started
    before = simulation.wall_seconds
    if job.steps > 1:
        simulation.run((job.steps - 1) * job.dt)
    timed = (simulation.wall_seconds - before) * job.steps / max(1, job.steps - 1)
    sizes = sizes_of(job.circuit)
    spikes = simulation.spikes
    return PeerResult(
        name="halfbrain",
        version=VERSION,
        compiled="Numba",
        precision=job.dtype,
        seconds=job.steps * job.dt,
        sizes=sizes,
        spikes={name: spikes.of(name) for name in sizes},
        build_seconds=simulation.build_seconds,
        compile_seconds=compiled,
        wall_seconds=timed,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def handed_on(job: Job, most_synapses: int = 20_000_000) -> Job:
    """The same job with the connections and first states that the engine draws from its seed.

    A circuit of more than ``most_synapses`` keeps its rules, and each peer draws its own.
    """
    simulation = PointGroup(job.circuit, seed=job.seed, threads=job.threads, dtype=job.dtype)
    states = {
        population.name: {
            name: simulation.state(population.name, name) for name in population.values
        }
        for population in job.circuit.populations
        if isinstance(population.model, Neuron)
    }
    if simulation.synapses > most_synapses:
        return replace(job, states=states, connectivity=None)
    found = [simulation.connections(i) for i in range(len(job.circuit.projections))]
    made = [Connections(c.sources, c.targets, c.weights, c.delays) for c in found]
    return replace(job, states=states, connectivity=tuple(made))
