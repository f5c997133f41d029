"""Synapses that tire and synapses that warm up

Tsodyks and Markram's model: what arrives depends on the spikes before. The same regular spikes
meet a depressing and a facilitating synapse.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

times = np.append(np.arange(8) * 50e-3 + 50e-3, 0.95)  # 20 a second, and one more after a pause
source = hb.SpikeList(times, np.zeros(9, int))
cell = hb.neuron("lif_current_exp", tau_I_ex="3 ms")
rules = {"depressing": "tsodyks_markram_depressing", "facilitating": "tsodyks_markram"}
how = {"depressing": {}, "facilitating": {}}
populations = [hb.Population("source", source, 1)]
projections = []
for name, rule in rules.items():
    populations.append(hb.Population(name, cell, 1, {"v": "-65 mV"}))
    projections.append(
        hb.Projection(
            "source", name, "ex", hb.one_to_one(), weight="300 pA", plasticity=hb.rule(rule)
        )
    )
sim = hb.Simulation(
    hb.Circuit(populations, projections), record={(name, "v"): [0] for name in rules}
)
sim.run("1.1 s")

figure, grid = plt.subplots(2, figsize=(6.4, 4), sharex=True, layout="constrained")
for axes, name in zip(grid, rules, strict=True):
    trace = sim.recorded[name, "v"]
    axes.plot(trace.times, trace.values[:, 0] * 1e3)
    axes.set(title=name, ylabel="v, mV")
    heights = [
        trace.values[(trace.times > t) & (trace.times < t + 0.03)].max() + 65e-3 for t in times
    ]
    print(f"{name}: " + ", ".join(f"{height * 1e3:.1f}" for height in heights) + " mV")
grid[-1].set_xlabel("time, s")
plt.show()
