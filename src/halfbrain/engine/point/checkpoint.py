"""A run's state on disk, from which it goes on bit for bit, with any number of threads.

Nothing in the file depends on how the neurons were cut into parts: states lie by neuron, weights in
the order of :meth:`Simulation.connections`. What can be drawn again from the seed is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.kernel import BLOCK
from halfbrain.engine.fingerprint import differences, fingerprints
from halfbrain.engine.point import plastic
from halfbrain.engine.point.simulation import Simulation
from halfbrain.engine.point.synapses import Plastic
from halfbrain.errors import RunError
from halfbrain.io import archive

Array = NDArray[Any]
_FORMAT = 2
_BY_NEURON = ("post_last", "post_count", "post_steps", "post_before", "post")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What was saved: ``notes`` as they were given, and the state."""

    path: Path
    notes: Mapping[str, Any]
    arrays: Mapping[str, Array]

    def restore(self, simulation: Simulation) -> None:
        """Set a simulation, newly built from the same circuit and seed, to the saved state.

        Raises
        ------
        RunError
            if it is of another circuit, seed or precision, or of another version of halfbrain.
        """
        if told := differences(self.notes["_is"], _identity(simulation)):
            raise RunError(f"{self.path}: is of another run: {told}")
        a, plan = self.arrays, simulation.plan
        simulation.step = int(self.notes["_step"])
        simulation.wall_seconds = float(self.notes["_wall_seconds"])
        simulation.events[0] = a["events"]
        simulation.ticks[0] = a["ticks"]
        for index, neurons in simulation.neurons_of.items():
            at = 0
            for state in neurons.state:
                state[:] = a[f"state{index}"][at : at + len(state)]
                at += len(state)
            neurons.uniforms[:] = a[f"uniforms{index}"]
        _put_back(simulation, a["past_steps"], a["past_neurons"])
        for t, plastic_state in enumerate(simulation.plastics):
            if plastic_state is not None:
                _restore_plastic(simulation, t, plastic_state, a)
                plan.rules[t, :, plastic.FLUSHED] = simulation.step - 1
        n = len(simulation.circuit.populations)
        for p in range(n):
            begin, end = plan.cursor[p], plan.cursor[n + p]
            played = np.searchsorted(plan.given[begin:end, 0], simulation.step)
            plan.cursor[p] = begin + played


def save(
    path: Path,
    simulation: Simulation,
    notes: Mapping[str, Any],
    more: Mapping[str, Array] | None = None,
) -> None:
    """Write a checkpoint, under a temporary name first; ``notes`` are any JSON."""
    arrays: dict[str, Array] = {**(more or {}), "ticks": simulation.ticks.sum(axis=0)}
    for index, neurons in simulation.neurons_of.items():
        arrays[f"state{index}"] = np.concatenate(neurons.state)
        arrays[f"uniforms{index}"] = neurons.uniforms
    kept = min(simulation.step, simulation.plan.longest)
    past = simulation.plan.spikes(simulation.step - kept, kept)
    arrays["past_steps"], arrays["past_neurons"] = past
    for t, state in enumerate(simulation.plastics):
        if state is not None:
            arrays |= _plastic_arrays(simulation, t, state)
    # Only now: what targets' spikes did to plastic weights has just been made up, and counted.
    arrays["events"] = simulation.events.sum(axis=0)
    every = dict(notes) | {
        "_is": _identity(simulation),
        "_step": simulation.step,
        "_wall_seconds": simulation.wall_seconds,
    }
    archive.write(path, arrays, every)


def remove(path: Path) -> None:
    """Remove a checkpoint, and what a save that was killed may have left of one."""
    archive.remove(path)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    RunError
        one line, if there is none, or the file is no checkpoint.
    """
    arrays, notes = archive.read(path, _FORMAT)
    return Checkpoint(path, notes, arrays)


def _identity(simulation: Simulation) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        **fingerprints(simulation.circuit),
        "synapses": [d.synapses for d in simulation.drawings],
        "seed": simulation.seed,
        "dtype": simulation.dtype,
    }


def _put_back(simulation: Simulation, steps: Array, neurons: Array) -> None:
    """Past spikes, each in the part of its neuron (a given one in the first)."""
    layout, plan = simulation.layout, simulation.plan
    population = np.searchsorted(layout.first, neurons, side="right") - 1
    part = np.zeros(len(neurons), np.int64)
    for index in simulation.neurons_of:
        own = population == index
        block = (neurons[own] - layout.first[index]) // BLOCK
        part[own] = np.searchsorted(layout.slices[index][:, 1], block, side="right")
    plan.counts[:] = 0
    for step in np.unique(steps):
        slot = step % plan.slots
        for p in range(layout.parts):
            chosen = (steps == step) & (part == p)
            ids, of = neurons[chosen], population[chosen]  # sorted by neuron, so by population
            plan.ring[p][slot, : len(ids)] = ids
            edges = np.searchsorted(of, np.arange(plan.counts.shape[2]))
            plan.counts[p, slot] = edges


def _plastic_arrays(simulation: Simulation, t: int, state: Plastic) -> dict[str, Array]:
    table, layout = simulation.tables[t], simulation.layout
    index = simulation.drawings.index(table.drawings[0])
    weights = simulation.connections(index).weights.astype(table.weights.dtype)
    shape = (len(table.offsets), layout.parts, table.delays)
    # A segment without synapses is never reached, so that of the latest arrival is the true one.
    last = state.last.reshape(shape)
    latest = last.argmax(axis=1)[:, None]
    pre = state.pre.reshape(*shape, state.rule.pre)
    out = {
        "weights": weights,
        "last": np.take_along_axis(last, latest, 1)[:, 0],
        "pre": np.take_along_axis(pre, latest[..., None], 1)[:, 0],
    }
    out |= {name: np.concatenate(getattr(state, name)) for name in _BY_NEURON}
    return {f"plastic{t} {name}": value for name, value in out.items()}


def _restore_plastic(
    simulation: Simulation, t: int, state: Plastic, arrays: Mapping[str, Array]
) -> None:
    table, layout = simulation.tables[t], simulation.layout
    index = simulation.drawings.index(table.drawings[0])
    simulation.set_weights(index, arrays[f"plastic{t} weights"])
    shape = (len(table.offsets), layout.parts, table.delays)
    state.last.reshape(shape)[:] = arrays[f"plastic{t} last"][:, None]
    state.pre.reshape(*shape, state.rule.pre)[:] = arrays[f"plastic{t} pre"][:, None]
    for name in _BY_NEURON:
        saved, at = arrays[f"plastic{t} {name}"], 0
        for own in getattr(state, name):
            own[:] = saved[at : at + len(own)]
            at += len(own)
