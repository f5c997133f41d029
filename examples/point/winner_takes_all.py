"""Winner takes all

Four groups excite themselves and, through one pool of inhibitory neurons, silence each other.
Which group gets a little more input changes every 250 ms, and so does the winner.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

lif = hb.neuron("lif_current_exp", tau_I_ex="5 ms", tau_I_in="8 ms")
first = {"v": hb.uniform("-65 mV", "-50 mV")}
groups = [f"group {letter}" for letter in "ABCD"]
populations = [hb.Population(name, lif, 50, first) for name in groups]
populations.append(hb.Population("pool", lif, 50, first))
projections, drives = [], []
for name in groups:
    projections += [
        hb.Projection(name, name, "ex", hb.bernoulli(0.5), weight="25 pA", delay="1.5 ms"),
        hb.Projection(name, "pool", "ex", hb.bernoulli(0.5), weight="30 pA", delay="1.5 ms"),
        hb.Projection("pool", name, "in", hb.bernoulli(0.5), weight="-70 pA", delay="1.5 ms"),
    ]
    drives.append(hb.PoissonDrive(name, "ex", "2000 Hz", "30 pA"))
sim = hb.Simulation(hb.Circuit(populations, projections, drives), seed=2)
for number, name in enumerate(groups):
    turns = np.where(np.arange(4) == number, 120e-12, 0.0)  # ampere, for each quarter of a second
    sim.input(name, range(50), turns, every="250 ms", into="I_e")
sim.run("1 s")

figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for number, name in enumerate([*groups, "pool"]):
    spikes = sim.spikes[name]
    axes.plot(spikes.times, spikes.neurons + 50 * number, ".", ms=1.5)
    if name != "pool":
        counts = np.histogram(spikes.times, 4, (0, 1))[0]
        print(f"{name}: " + ", ".join(f"{count / 50 / 0.25:.0f}" for count in counts) + " Hz")
axes.set(xlabel="time, s", yticks=25 + 50 * np.arange(5), yticklabels=[*groups, "pool"])
plt.show()
