"""A synapse's potential on its way to the soma

One synapse far out on the apical dendrite. What it does there is large and quick; what arrives
at the soma is small and slow.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

cell = hb.Cell.read(Path(__file__).parent / "pyramidal.swc", v_init="-70 mV")
cell = cell.insert("pas", g="0.05 mS/cm2", e="-70 mV")
where = {"synapse": ("apical", 6, 0.5), "trunk": ("apical", 4, 0.5), "soma": ("soma", 0.5)}
net = hb.Circuit(
    [
        hb.Population("axon", hb.SpikeList([5e-3], [0]), 1),
        hb.Population(
            "pyr", cell, 1, receptors={"exc": hb.Synapse("Exp2Syn", tau1="0.5 ms", tau2="2 ms")}
        ),
    ],
    [
        hb.Projection(
            "axon",
            "pyr",
            "exc",
            hb.all_to_all(),
            weight="1 nS",
            delay="0.1 ms",
            place=where["synapse"],
        )
    ],
)
sim = hb.Simulation(net, record={("pyr", "v", place): [0] for place in where.values()})
sim.run("40 ms")

plt.figure(figsize=(6.4, 3.2), layout="constrained")
for name, place in where.items():
    trace = sim.recorded["pyr", "v", place]
    v = trace.values[:, 0] * 1e3
    plt.plot(trace.times * 1e3, v, label=name)
    print(
        f"{name}: {v.max() - v[0]:.3f} mV high, after {trace.times[np.argmax(v)] * 1e3 - 5:.1f} ms"
    )
plt.xlabel("time, ms")
plt.ylabel("v, mV")
plt.legend()
plt.show()
