"""A spike runs back into the dendrite

Spikes begin at the soma. How far they run out depends on the channels of the dendrite: here the
apical dendrite has a third of the soma's sodium, or none.
"""

from pathlib import Path

import matplotlib.pyplot as plt

import halfbrain as hb

whole = hb.Cell.read(Path(__file__).parent / "pyramidal.swc").insert("hh", "soma")
passive = whole.insert("pas", ("basal", "apical"), g="0.05 mS/cm2", e="-65 mV")
active = passive.insert("hh", "apical", gnabar="0.04 S/cm2", gkbar="0.012 S/cm2", gl=0)
places = {"soma": ("soma", 0.5), "trunk": ("apical", 2, 0.9), "tuft": ("apical", 6, 0.9)}
cells = {"passive dendrite": passive, "active dendrite": active}
sim = hb.Simulation(
    hb.Circuit([hb.Population(name, cell, 1) for name, cell in cells.items()]),
    record={(name, "v", place): [0] for name in cells for place in places.values()},
)
for name in cells:
    sim.clamp(name, 0, at=("soma", 0.5), current="2 nA", start="2 ms", duration="2 ms")
sim.run("15 ms")

figure, grid = plt.subplots(1, 2, figsize=(7.2, 3.2), sharey=True, layout="constrained")
for axes, name in zip(grid, cells, strict=True):
    for label, place in places.items():
        trace = sim.recorded[name, "v", place]
        axes.plot(trace.times * 1e3, trace.values[:, 0] * 1e3, label=label)
        print(f"{name}, {label}: up to {trace.values.max() * 1e3:.0f} mV")
    axes.set(title=name, xlabel="time, ms")
grid[0].set_ylabel("v, mV")
grid[0].legend()
plt.show()
