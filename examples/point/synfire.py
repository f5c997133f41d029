"""A wave of spikes through a chain of groups

In a synfire chain each group of neurons excites the next. A volley that is strong enough runs
on, and its spikes come closer together from layer to layer, though each neuron has noise of its
own.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

lif = hb.neuron("lif_current_alpha")
times = np.random.default_rng(3).normal(20e-3, 3e-3, 100)
start = hb.SpikeList(np.sort(times), np.argsort(np.argsort(times)))
layers = [
    hb.Population(f"layer {i}", lif, 100, {"v": hb.uniform("-65 mV", "-55 mV")}) for i in range(8)
]
populations = [hb.Population("start", start, 100), *layers]
projections = [
    hb.Projection(a.name, b.name, "ex", hb.all_to_all(), weight="12 pA", delay="5 ms")
    for a, b in pairwise(populations)
]
drives = [hb.PoissonDrive(layer.name, "ex", "800 Hz", "30 pA") for layer in layers]
sim = hb.Simulation(hb.Circuit(populations, projections, drives), seed=1)
sim.run("90 ms")

plt.figure(figsize=(6.4, 3.6), layout="constrained")
for number, population in enumerate(populations):
    spikes = sim.spikes[population.name]
    plt.plot(spikes.times * 1e3, spikes.neurons + 100 * number, ".", ms=2)
    near = spikes.times[np.abs(spikes.times - np.median(spikes.times)) < 10e-3]
    if len(near):
        volley = near.std()
        print(f"{population.name}: {len(near)} spikes, spread over {volley * 1e3:.2f} ms")
plt.xlabel("time, ms")
plt.ylabel("neuron, layer by layer")
plt.show()
