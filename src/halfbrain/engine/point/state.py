"""All that changes in a run of point neurons, as named arrays, and a run set to such a state.

Nothing in them depends on how the neurons were cut into parts: states lie by neuron, weights in
the order of :meth:`Stepped.connections`. What can be drawn again from the seed is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from halfbrain.codegen.kernel import BLOCK
from halfbrain.engine.fingerprint import fingerprints
from halfbrain.engine.packed import Array, Part
from halfbrain.engine.point import plastic
from halfbrain.engine.point.stepped import Stepped
from halfbrain.engine.point.synapses import Plastic

_BY_NEURON = ("post_last", "post_count", "post_steps", "post_before", "post")


def state(group: Stepped) -> dict[str, Part]:
    """All that changes in a run, copied."""
    arrays: dict[str, Array] = {}
    for index, neurons in group.neurons_of.items():
        rows, uniforms = neurons.update.rows, neurons.update.uniforms
        whole = np.concatenate(neurons.state)
        arrays |= {f"{index}/{name}": whole[:, row] for row, name in enumerate(rows)}
        arrays |= {
            f"{index}/{name}": neurons.uniforms[k : k + 1].copy() for k, name in enumerate(uniforms)
        }
    kept = min(group.step, group.plan.longest)
    past = group.plan.spikes(group.step - kept, kept)
    arrays["past_steps"], arrays["past_neurons"] = past
    for t, plastic_state in enumerate(group.plastics):
        if plastic_state is not None:
            arrays |= _plastic_arrays(group, t, plastic_state)
    # Only now: what targets' spikes did to plastic weights has just been made up, and counted.
    arrays["events"], arrays["ticks"] = group.events.sum(axis=0), group.ticks.sum(axis=0)
    arrays["step"], arrays["wall_seconds"] = np.array([group.step]), np.array([group.wall_seconds])
    return {name: Part("exact", array) for name, array in arrays.items()}


def restore(group: Stepped, parts: Mapping[str, Part]) -> None:
    """Set a group, newly built from the same circuit and seed, to a state."""
    a, plan = {name: part.array for name, part in parts.items()}, group.plan
    group.step, group.wall_seconds = int(a["step"][0]), float(a["wall_seconds"][0])
    group.events[0], group.ticks[0] = a["events"], a["ticks"]
    for index, neurons in group.neurons_of.items():
        for row, name in enumerate(neurons.update.rows):
            at = 0
            for own in neurons.state:
                own[:, row] = a[f"{index}/{name}"][at : at + len(own)]
                at += len(own)
        for k, name in enumerate(neurons.update.uniforms):
            neurons.uniforms[k] = a[f"{index}/{name}"][0]
    _put_back(group, a["past_steps"], a["past_neurons"])
    for t, plastic_state in enumerate(group.plastics):
        if plastic_state is not None:
            _restore_plastic(group, t, plastic_state, a)
            plan.rules[t, :, plastic.FLUSHED] = group.step - 1
    plan.rewind(group.step)


def identity(group: Stepped) -> dict[str, Any]:
    """What must be the same for a run to go on."""
    return {
        **fingerprints(group.circuit),
        "synapses": [d.rows.synapses for d in group.drawings],
        "seed": group.seed,
        "dtype": group.dtype,
    }


def _put_back(group: Stepped, steps: Array, neurons: Array) -> None:
    """Past spikes, each in the part of its neuron (a given one in the first)."""
    layout, plan = group.layout, group.plan
    population = np.searchsorted(layout.first, neurons, side="right") - 1
    part = np.zeros(len(neurons), np.int64)
    for index in group.neurons_of:
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


def _plastic_arrays(group: Stepped, t: int, state: Plastic) -> dict[str, Array]:
    table, layout = group.tables[t], group.layout
    index = group.drawings.index(table.drawings[0])
    weights = group.connections(index).weights.astype(table.weights.dtype)
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


def _restore_plastic(group: Stepped, t: int, state: Plastic, arrays: Mapping[str, Array]) -> None:
    table, layout = group.tables[t], group.layout
    index = group.drawings.index(table.drawings[0])
    group.set_weights(index, arrays[f"plastic{t} weights"])
    shape = (len(table.offsets), layout.parts, table.delays)
    state.last.reshape(shape)[:] = arrays[f"plastic{t} last"][:, None]
    state.pre.reshape(*shape, state.rule.pre)[:] = arrays[f"plastic{t} pre"][:, None]
    for name in _BY_NEURON:
        saved, at = arrays[f"plastic{t} {name}"], 0
        for own in getattr(state, name):
            own[:] = saved[at : at + len(own)]
            at += len(own)
