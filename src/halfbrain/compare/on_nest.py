"""NEST (Gewaltig and Diesmann 2007, doi 10.4249/scholarpedia.1430), as it is installed.

NEST has its own compiled neurons: a cell is matched with one by the form of its equations, in
double precision. A spike of step n has the time (n + 1) dt in NEST; it is given back as n dt.
"""

from __future__ import annotations

import resource
import time

from halfbrain.compare.installed import missing
from halfbrain.compare.job import Job, PeerResult, line_of, sizes_of
from halfbrain.compare.nest_network import NestNetwork
from halfbrain.errors import HalfbrainError, RunError


def available() -> str | None:
    """None, or why it cannot run here."""
    return missing("nest")


def run(job: Job) -> PeerResult:
    """Run a job in this process; see :mod:`halfbrain.compare.runner` for one of its own.

    Raises
    ------
    RunError
        if NEST has no such neuron or synapse, or cannot build the network.
    """
    if reason := available():
        raise RunError(reason)
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    started = time.perf_counter()
    try:
        nest.ResetKernel()
        nest.set(
            local_num_threads=job.threads,
            resolution=job.dt * 1e3,
            rng_seed=job.seed % (2**32 - 2) + 1,
            print_time=False,
        )
        network = NestNetwork(nest, job)
        network.build()
        nest.Prepare()
        built = time.perf_counter()
        nest.Run(round(job.steps * job.dt * 1e3, 9))
        ended = time.perf_counter()
        nest.Cleanup()
    except HalfbrainError:
        raise
    except Exception as error:  # NEST raises many kinds
        raise RunError(f"NEST: {line_of(error)}") from None
    return PeerResult(
        name="nest",
        version=nest.__version__,
        compiled="as installed, its own choice of options"
        + ("" if nest.build_info["ndebug"] else ", with assertions"),
        precision="float64",
        seconds=job.steps * job.dt,
        sizes=sizes_of(job.circuit),
        spikes=network.spikes(),
        build_seconds=built - started,
        compile_seconds=0.0,
        wall_seconds=ended - built,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        notes=tuple(dict.fromkeys(network.notes)),
    )
