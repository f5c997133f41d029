"""Brian2 (Stimberg, Brette and Goodman 2019, doi 10.7554/eLife.47314), compiled to C++.

Any circuit: equations, resets and plasticity go over as text; the order of a step is Brian2's own
default, which is halfbrain's too, so spikes agree step by step.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import numpy as np

from halfbrain.compare import measured
from halfbrain.compare.brian2_network import Brian2Network
from halfbrain.compare.installed import missing
from halfbrain.compare.job import Job, PeerResult, line_of, sizes_of
from halfbrain.errors import HalfbrainError, RunError


def available() -> str | None:
    """None, or why it cannot run here."""
    if reason := missing("brian2"):
        return reason
    if shutil.which("g++") is None or shutil.which("make") is None:
        return "Brian2 needs g++ and make to compile a network"
    version = tuple(map(int, np.__version__.split(".")[:2]))
    if _version() < (2, 10) and version >= (2, 3):
        return f"Brian2 before 2.10 compiles with NumPy below 2.3, and this is {np.__version__}"
    return None


def _version() -> tuple[int, ...]:
    from importlib.metadata import version

    return tuple(map(int, version("brian2").split(".")[:2]))


def run(job: Job) -> PeerResult:
    """Run a job in this process; see :mod:`halfbrain.compare.runner` for one of its own.

    Raises
    ------
    RunError
        if Brian2 cannot build or compile the network.
    """
    if reason := available():
        raise RunError(reason)
    import brian2 as b2

    started = time.perf_counter()
    code = job.folder.resolve() / "code"
    shutil.rmtree(code, ignore_errors=True)  # or make would find its work done
    record = job.folder.resolve() / "peak"
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.core.default_float_dtype = np.dtype(job.dtype).type
    cpp = b2.prefs.devices.cpp_standalone
    cpp.openmp_threads = job.threads if job.threads > 1 else 0
    cpp.extra_make_args_unix = [f"-j{job.threads}"]
    cpp.run_cmd_unix = [sys.executable, measured.__file__, str(record), "./main"]
    b2.defaultclock.dt = job.dt * b2.second
    b2.seed(job.seed)
    device = b2.get_device()
    try:
        built_here = Brian2Network(b2, job)
        network = b2.Network(built_here.parts)
        network.run(job.steps * job.dt * b2.second)
        device.build(directory=str(code), compile=True, run=False, clean=False)
        built = time.perf_counter()
        device.run(with_output=False)
    except HalfbrainError:
        raise
    except Exception as error:  # Brian2 raises many kinds, each with its cause behind it
        raise RunError(f"Brian2: {line_of(_innermost(error))}") from None
    compiling = sum(float(part or 0) for part in device.timers["compile"].values())
    loading = time.perf_counter() - built - device._last_run_time
    options = b2.prefs.codegen.cpp.extra_compile_args_gcc
    return PeerResult(
        name="brian2",
        version=b2.__version__,
        compiled="cpp_standalone, g++ " + " ".join(o for o in options if o != "-w"),
        precision=job.dtype,
        seconds=job.steps * job.dt,
        sizes=sizes_of(job.circuit),
        spikes=built_here.spikes(),
        build_seconds=built - started - compiling + loading,
        compile_seconds=compiling,
        wall_seconds=float(device._last_run_time),
        peak_bytes=int(Path(record).read_text()),
    )


def _innermost(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error
