"""Brunel's phases

One sparse network fires in four ways, by how strong inhibition is and how much comes from
outside (Brunel 2000, fig. 8): together, or each on its own.
"""

import matplotlib.pyplot as plt

import halfbrain as hb
from halfbrain.circuits.named.brunel import brunel

PHASES = {
    "synchronous regular": {"inhibition": 3.0, "external": 2.0},
    "synchronous, fast": {"inhibition": 6.0, "external": 4.0},
    "asynchronous irregular": {"inhibition": 5.0, "external": 2.0},
    "synchronous, slow": {"inhibition": 4.5, "external": 0.9},
}
figure, grid = plt.subplots(2, 2, figsize=(7, 4.6), sharex=True, layout="constrained")
for axes, (name, ratios) in zip(grid.flat, PHASES.items(), strict=True):
    sim = hb.Simulation(brunel(6250, **ratios), seed=1)
    sim.run("0.3 s")
    spikes = sim.spikes["E"]
    some = spikes.neurons < 200
    axes.plot(spikes.times[some] * 1e3, spikes.neurons[some], "k,")
    axes.set_title(f"{name}: {spikes.rate:.0f} Hz", fontsize=9)
    axes.set_xlim(150, 300)
    print(f"{name}: {spikes.rate:.1f} Hz")
figure.supxlabel("time, ms")
figure.supylabel("neuron")
plt.show()
