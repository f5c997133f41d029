"""Brian2 (Stimberg, Brette and Goodman 2019, doi 10.7554/eLife.47314), compiled to C++.

Any circuit: equations, resets and plasticity go over as text; the order of a step is Brian2's own
default, which is halfbrain's too, so spikes agree step by step.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.cell import Cell
from halfbrain.circuits.circuit import PoissonDrive, Population, SpikeList
from halfbrain.circuits.value import drawn
from halfbrain.dynamics.dimensions import NONE, Dimensions, unit
from halfbrain.dynamics.equations import equations
from halfbrain.dynamics.expression import Typed
from halfbrain.errors import RunError
from halfbrain.peers import brian2_text, drawing, measured
from halfbrain.peers.job import Job, PeerResult, in_order, sizes_of
from halfbrain.peers.spike_list import fired_once

_HERTZ = unit("hertz")[1]


def available() -> str | None:
    """None, or why it cannot run here."""
    if importlib.util.find_spec("brian2") is None:
        return "Brian2 is not installed; pip install 'halfbrain[peers]'"
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
    """Run a job in this process; see :mod:`halfbrain.peers.runner` for one of its own.

    Raises
    ------
    RunError
        if Brian2 cannot build or compile the network.
    """
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
        network, monitors = _network(b2, job)
        network.run(job.steps * job.dt * b2.second)
        device.build(directory=str(code), compile=True, run=False, clean=False)
        built = time.perf_counter()
        device.run(with_output=False)
    except Exception as error:  # Brian2 raises many kinds, each with its cause behind it
        raise RunError(f"Brian2: {_reason(error)}") from None
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
        spikes={name: _spikes(monitor, job.dt) for name, monitor in monitors.items()},
        build_seconds=built - started - compiling + loading,
        compile_seconds=compiling,
        wall_seconds=float(device._last_run_time),
        peak_bytes=int(Path(record).read_text()),
    )


def _network(b2: Any, job: Job) -> tuple[Any, dict[str, Any]]:
    """The network, and each population's monitor of spikes (None if it cannot fire)."""
    groups: dict[str, Any] = {}
    monitors: dict[str, Any] = {}
    for i, population in enumerate(job.circuit.populations):
        if isinstance(population.cell, SpikeList):
            group = _given(b2, population.cell, population.size, job, i)
        else:
            group = _neurons(b2, population, job, i)
            fires = bool(population.cell.threshold.strip())
            monitors[population.name] = b2.SpikeMonitor(group) if fires else None
        groups[population.name] = group
    synapses = [_synapses(b2, job, i, groups) for i in range(len(job.circuit.projections))]
    inputs = [_input(b2, job, drive, groups[drive.target]) for drive in job.circuit.drives]
    parts = [*groups.values(), *monitors.values(), *synapses, *inputs]
    return b2.Network([part for part in parts if part is not None]), monitors


def _neurons(b2: Any, population: Population, job: Job, index: int) -> Any:
    cell = population.cell
    assert isinstance(cell, Cell)
    model = equations(cell.equations, cell.constants)
    refractory: Any = brian2_text.spaced(cell.refractory)
    texts = (cell.equations, cell.threshold, cell.reset, refractory)
    outside = brian2_text.names_outside(texts, cell.constants, model.variables)
    group = b2.NeuronGroup(
        population.size,
        brian2_text.cell_equations(cell, model),
        threshold=cell.threshold.strip() or None,
        reset=brian2_text.statements(cell.reset) or None,
        refractory=_rest(b2, refractory),
        method=brian2_text.integrator(cell, model, job.dt),
        namespace=_quantities(b2, outside),
        name=f"population_{index}",
    )
    for name, values in drawing.states(job, population).items():
        variable = model.variables[name]
        setattr(group, name, _sized(b2, values, variable.dimensions))
    return group


def _rest(b2: Any, text: str) -> Any:
    """A refractory time as a quantity, a condition as its text."""
    if "<" in text or ">" in text:
        return text
    return drawn(text, unit("second")[1], "refractory").a * b2.second


def _given(b2: Any, spikes: SpikeList, size: int, job: Job, index: int) -> Any:
    steps, neurons = fired_once(spikes, job.dt, job.steps)
    return b2.SpikeGeneratorGroup(
        size, neurons, steps * job.dt * b2.second, name=f"population_{index}"
    )


def _synapses(b2: Any, job: Job, index: int, groups: dict[str, Any]) -> Any:
    projection = job.circuit.projections[index]
    made = drawing.connections(job, index)
    if not len(made.sources):
        return None
    cell = job.circuit.population(projection.target).cell
    assert isinstance(cell, Cell)
    variable = cell.receptors[projection.receptor]
    dimensions = equations(cell.equations, cell.constants).variables[variable].dimensions
    namespace = {}
    rule = projection.plasticity
    alike = rule is None and np.ptp(made.weights) == 0
    if rule is not None:
        text = brian2_text.plastic_synapse(rule, variable, dimensions)
        texts = (text.model, text.on_pre, text.on_post)
        known = ("w", *map(brian2_text.trace, (*rule.pre, *rule.post)))
        outside = brian2_text.names_outside(texts, rule.constants, known)
        namespace = _quantities(b2, outside)
    elif alike:
        text = brian2_text.SynapseText("", f"{variable}_post += w", "")
        namespace = {"w": _sized(b2, made.weights[0], dimensions)}
    else:
        unit_text = brian2_text.base_unit(dimensions)
        text = brian2_text.SynapseText(f"w : {unit_text}", f"{variable}_post += w", "")
    delays = np.round(made.delays / job.dt) * job.dt
    same = np.ptp(delays) == 0
    synapses = b2.Synapses(
        groups[projection.source],
        groups[projection.target],
        text.model,
        on_pre=text.on_pre,
        on_post=text.on_post or None,
        delay=delays[0] * b2.second if same else None,
        namespace=namespace,
        name=f"projection_{index}",
    )
    synapses.connect(i=made.sources, j=made.targets)
    if not alike:
        synapses.w = _sized(b2, made.weights, dimensions)
    if not same:
        synapses.delay = delays * b2.second
    return synapses


def _input(b2: Any, job: Job, drive: PoissonDrive, group: Any) -> Any:
    """Brian2 draws a binomial number; from many improbable sources it is all but Poisson."""
    cell = job.circuit.population(drive.target).cell
    assert isinstance(cell, Cell)
    variable = cell.receptors[drive.receptor]
    dimensions = equations(cell.equations, cell.constants).variables[variable].dimensions
    place = f"drive of {drive.target}"
    rate = drawn(drive.rate, _HERTZ, f"{place}, rate").a
    weight = drawn(drive.weight, dimensions, f"{place}, weight").a
    sources = max(1000, int(np.ceil(rate * job.dt * 1000)))
    return b2.PoissonInput(
        group,
        variable,
        sources,
        rate / sources * b2.Hz,
        _sized(b2, weight, dimensions),
    )


def _quantities(b2: Any, names: dict[str, Typed]) -> dict[str, Any]:
    """A namespace; Brian2 warns of names that it has itself."""
    return {
        name: _sized(b2, float(typed.value), typed.dimensions)
        for name, typed in names.items()
        if name not in b2.core.namespace.DEFAULT_UNITS
    }


def _sized(b2: Any, value: float | NDArray[np.float64], dimensions: Dimensions) -> Any:
    """Numbers in SI units as Brian2's quantities."""
    if dimensions == NONE:
        return value
    powers = {name.strip("[]"): power for name, power in dimensions.items()}
    own = b2.units.fundamentalunits.get_or_create_dimension(**powers)
    return b2.Quantity(value, dim=own)


def _spikes(monitor: Any, dt: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if monitor is None:
        return np.zeros(0), np.zeros(0, np.int64)
    steps = np.round(np.asarray(monitor.t) / dt).astype(np.int64)
    return in_order(steps, np.asarray(monitor.i), dt)


def _reason(error: BaseException) -> str:
    """The innermost cause, in one line."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    lines: Sequence[str] = str(error).split("\n")
    return f"{type(error).__name__}: {' '.join(line.strip() for line in lines)[:300]}"
