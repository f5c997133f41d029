"""Times a circuit from a thousand neurons to a million: per neuron-step and per synaptic event.

    python benchmarks/growth.py [PICTURE.png]

The circuit is CUBA with 100 synapses a neuron. Then the synapses are doubled, for the memory.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.connectivity.rule import FixedIn
from halfbrain.engine.point import loop
from halfbrain.engine.point.cost import memory_bytes
from halfbrain.engine.point.group import PointGroup

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RUNS = 3


def built(neurons, inputs):
    """CUBA with a fixed number of inputs, weaker the more there are."""
    circuit = named_circuit("cuba", neurons=neurons)
    share = {"E": 0.8, "I": 0.2}
    weight = {"E": 1.62e-3 * 80 / inputs, "I": -9e-3 * 80 / inputs}
    return replace(
        circuit,
        projections=tuple(
            replace(p, rule=FixedIn(round(share[p.source] * inputs)), weight=weight[p.source])
            for p in circuit.projections
        ),
    )


def timed(neurons, seconds):
    """Build, and run some times: build s, ns a neuron-step and thread, ns an event and thread."""
    simulation = PointGroup(built(neurons, 100), seed=1)
    simulation.run(seconds)
    found = []
    for _ in range(RUNS):
        ticks, wall = simulation.ticks.copy(), simulation.wall_seconds
        events = simulation.events.sum()
        simulation.run(seconds)
        spent = simulation.ticks - ticks
        phase = spent / spent.sum(axis=1).max() * (simulation.wall_seconds - wall) * 1e9
        steps = neurons * seconds / simulation.dt
        found.append(
            (
                phase[:, loop.UPDATE].sum() / steps,
                phase[:, loop.DELIVER].sum() / max(simulation.events.sum() - events, 1),
                (simulation.wall_seconds - wall) / seconds,
            )
        )
    return simulation, np.median(found, axis=0)


def main():
    print("| neurons | build, s | ns a neuron-step | ns an event | RTF | bytes a synapse |")
    print("|--:|--:|--:|--:|--:|--:|")
    rows = []
    for neurons in SIZES:
        seconds = max(0.02, min(1.0, 1e4 / neurons))
        simulation, (update, deliver, rtf) = timed(neurons, seconds)
        held = memory_bytes(simulation)["synapses"] / simulation.synapses
        rows.append((neurons, update, deliver))
        print(
            f"| {neurons:,} | {simulation.build_seconds:.2f} | {update:.2f} | {deliver:.2f} "
            f"| {rtf:.3g} | {held:.2f} |"
        )
    print("\n| synapses a neuron | memory of the synapses, MB | against half as many |")
    print("|--:|--:|--:|")
    before = None
    for inputs in (100, 200, 400, 800):
        held = memory_bytes(PointGroup(built(20_000, inputs), seed=1))["synapses"]
        print(f"| {inputs} | {held / 1e6:.1f} | {held / before if before else float('nan'):.3f} |")
        before = held
    if len(sys.argv) > 1:
        import matplotlib.pyplot as plt

        n, update, deliver = zip(*rows, strict=True)
        figure, axis = plt.subplots(figsize=(6, 3.5), layout="constrained")
        axis.loglog(n, update, "o-", label="a neuron-step")
        axis.loglog(n, deliver, "s--", label="a synaptic event")
        axis.set(xlabel="neurons", ylabel="ns, of one thread")
        axis.legend(frameon=False)
        figure.savefig(sys.argv[1], dpi=150)


if __name__ == "__main__":
    main()
