"""The same Hodgkin-Huxley cells on Jaxley's forward pass, compartment by compartment.

Areas, capacitances and axial resistances are the cell's own (:mod:`halfbrain.compare.halves`).
Jaxley moves channels on before the voltage, the engine after: from states at rest both do the same.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.compare.cable_job import CableJob, CableResult, most_memory
from halfbrain.compare.halves import halves
from halfbrain.compare.installed import missing
from halfbrain.equations.steps import nearest_step
from halfbrain.errors import RunError

_RUNS = 3  # of which the fastest is taken
# MOhm, from the middle of a compartment with several children to where they begin; less than this
# is lost in single precision.
_NEARLY_NONE = 1e-3
_PARAMETERS = {
    "gnabar": "HH_gNa",
    "gkbar": "HH_gK",
    "gl": "HH_gLeak",
    "el": "HH_eLeak",
    "ena": "HH_eNa",
    "ek": "HH_eK",
}
_DEFAULTS = {"gnabar": 0.12, "gkbar": 0.036, "gl": 0.0003, "el": -54.3}
_CELSIUS = 6.3  # that of its rates


def available() -> str | None:
    """None, or why it cannot run here."""
    return missing("jaxley")


def run(asked: CableJob) -> CableResult:
    """Run a job in this process; see :mod:`halfbrain.compare.runner` for one of its own.

    Raises
    ------
    RunError
        if Jaxley is not installed, or the cell has other channels than ``hh``.
    """
    if reason := available():
        raise RunError(reason)
    if [mechanism.name for mechanism in asked.inserted] != ["hh"] or asked.celsius != _CELSIUS:
        raise RunError(f"Jaxley has the channels of hh at {_CELSIUS} degC alone")
    os.environ["JAX_PLATFORMS"] = "cpu"
    # XLA takes as many threads as it may run on.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.threads])
    import jax

    configuration: Any = jax.config
    configuration.update("jax_enable_x64", asked.dtype == "float64")
    import jax.numpy as jnp
    import jaxley

    before = most_memory()
    cell, order = _cell(asked)
    steps = int(nearest_step(asked.milliseconds, asked.dt))
    watched = list(dict.fromkeys((asked.detector, *asked.records)))
    at = [int(np.flatnonzero(order == k)[0]) for k in watched]
    current = np.zeros(steps)
    for compartment, delay, duration, amplitude in asked.clamps:
        if compartment != asked.clamps[0][0]:
            raise RunError("a cell on Jaxley has one compartment with clamps")
        middle = (np.arange(steps) + 0.5) * asked.dt
        current[(middle >= delay) & (middle < delay + duration)] += amplitude
    into = int(np.flatnonzero(order == asked.clamps[0][0])[0]) if asked.clamps else 0
    built = most_memory()
    options = {"delta_t": asked.dt, "t_max": (steps - 1) * asked.dt + asked.dt / 2}
    for place in at:
        _comp(cell, place).record("v", verbose=False)

    def one(current: Any) -> Any:
        given = _comp(cell, into).data_stimulate(current)
        return jaxley.integrate(cell, data_stimuli=given, **options)

    # A map over cells: a network of a hundred takes as long in double precision, longer in single.
    compiled, given = jax.jit(jax.vmap(one)), jnp.tile(jnp.asarray(current), (asked.copies, 1))
    found = compiled(given).block_until_ready()
    seconds = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        compiled(given).block_until_ready()
        seconds.append(time.perf_counter() - begun)
    v = np.asarray(found, np.float64).reshape(asked.copies, len(at), -1)
    crossed = (v[:, 0, 1:] > asked.threshold) & (v[:, 0, :-1] <= asked.threshold)
    return CableResult(
        np.asarray((np.flatnonzero(crossed[0]) + 1) * asked.dt, np.float64),
        int(crossed.sum()),
        tuple(v[0, watched.index(k)] for k in asked.records),
        min(seconds) / asked.milliseconds,
        built - before,
        most_memory() - built,
        len(order),
    )


def _comp(cell: Any, number: int) -> Any:
    return cell.select(nodes=cell.nodes.index[number : number + 1])


def _cell(asked: CableJob) -> tuple[Any, NDArray[np.int64]]:
    """The cell, a branch for each section, and the compartments in its order."""
    import jaxley
    from jaxley.channels import HH

    g = asked.geometry
    parent, area, section = g["parent"], g["area"], g["section"]
    membrane = np.flatnonzero(area > 0)
    before, after = halves(g, _NEARLY_NONE)
    sections = list(dict.fromkeys(section[membrane].tolist()))
    number = {s: k for k, s in enumerate(sections)}
    branches, parents, order = [], [], []
    for s in sections:
        own = membrane[section[membrane] == s]
        order += own.tolist()
        branches.append(jaxley.Branch(jaxley.Compartment(), ncomp=len(own)))
        above = int(parent[own[0]])
        while above >= 0 and area[above] == 0:
            above = int(parent[above])
        parents.append(number[int(section[above])] if above >= 0 else -1)
    cell = jaxley.Cell(branches, parents)
    cell.insert(HH())
    at = np.array(order)
    diameter = g["diameter"][at]
    values = {
        "radius": diameter / 2,
        "length": area[at] / (np.pi * diameter),
        "area": area[at],
        "volume": area[at] * diameter / 4,
        "axial_resistivity": 1.0,
        "resistive_load_in": 100 * before[at],  # of 1 Ohm cm, as MOhm
        "resistive_load_out": 100 * after[at],
        "capacitance": g["capacitance"][at],
        "v": asked.v_init,
    }
    inserted = asked.inserted[0]
    if set(inserted.where.tolist()) != set(membrane.tolist()):
        raise RunError("hh is in some compartments only, which a cell on Jaxley is not")
    back = np.empty(len(parent), np.int64)
    back[inserted.where] = np.arange(len(inserted.where))
    given = {k: x[back[at]] for k, x in inserted.values.items()}
    given |= {k: asked.ions[k][at] for k in ("ena", "ek")}
    for name, key in _PARAMETERS.items():
        values[key] = given.get(name, _DEFAULTS.get(name))
    for name, value in values.items():
        cell.nodes[name] = value
    cell.init_states(asked.dt)
    return cell, at
