"""Point neurons and a detailed cell in one circuit

Eighty point neurons drive the dendrites of two detailed cells; these inhibit a point neuron in
their turn.
"""

from pathlib import Path

import matplotlib.pyplot as plt

import halfbrain as hb

cell = (
    hb.Cell.read(Path(__file__).parent / "pyramidal.swc")
    .insert("hh", "soma")
    .insert("pas", ("basal", "apical"), g="0.05 mS/cm2", e="-65 mV")
)
synapse = hb.Synapse("Exp2Syn", tau1="0.5 ms", tau2="3 ms", e="0 mV")
lif = hb.neuron("lif_current_exp", tau_I_in="10 ms")
net = hb.Circuit(
    [
        hb.Population("crowd", "poisson", 80, {"rate": "20 Hz"}),
        hb.Population("pyr", cell, 2, receptors={"exc": synapse}),
        hb.Population("target", lif, 1, {"v": "-65 mV", "I_e": "0.45 nA"}),
    ],
    [
        hb.Projection("crowd", "pyr", "exc", hb.all_to_all(), weight="3 nS", delay="1 ms",
                      place=("basal", "apical")),
        hb.Projection("pyr", "target", "in", hb.all_to_all(), weight="-0.6 nA", delay="2 ms"),
    ],
)  # fmt: skip
sim = hb.Simulation(net, seed=4, record={("pyr", "v"): [0], ("target", "v"): [0]})
sim.run("0.4 s")

figure, grid = plt.subplots(3, figsize=(6.4, 5), sharex=True, layout="constrained")
crowd = sim.spikes["crowd"]
grid[0].plot(crowd.times, crowd.neurons, "k.", ms=1.5)
grid[0].set_ylabel("crowd")
for axes, name in zip(grid[1:], ("pyr", "target"), strict=True):
    trace = sim.recorded[name, "v"]
    axes.plot(trace.times, trace.values[:, 0] * 1e3, lw=0.8)
    axes.set_ylabel(f"{name}, mV")
    print(f"{name}: {len(sim.spikes[name])} spikes")
grid[-1].set_xlabel("time, s")
plt.show()
