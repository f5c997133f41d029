"""Inhibitory plasticity finds the balance

Inhibitory synapses onto excitatory neurons learn by the rule of Vogels et al. (2011): rates fall
from far too high to the target of 5 spikes a second.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

lif = hb.neuron("lif_current_exp", tau_I_ex="5 ms", tau_I_in="10 ms")
balance = hb.Plasticity(
    "balance",
    pre={"x": "20 ms"},
    post={"y": "20 ms"},
    on_pre="w = clip(w - eta*(y - 2*rate*tau), -200*pA, 0*pA)",
    on_post="w = clip(w - eta*x, -200*pA, 0*pA)",
    constants={"eta": "1 pA", "rate": "5 Hz", "tau": "20 ms"},
)
first = {"v": hb.uniform("-65 mV", "-50 mV")}
net = hb.Circuit(
    [hb.Population("E", lif, 400, first), hb.Population("I", lif, 100, first)],
    [
        hb.Projection("E", "I", "ex", hb.bernoulli(0.1), weight="20 pA", delay="1.5 ms"),
        hb.Projection("E", "E", "ex", hb.bernoulli(0.1), weight="5 pA", delay="1.5 ms"),
        hb.Projection("I", "E", "in", hb.bernoulli(0.2), weight="-20 pA", plasticity=balance),
    ],
    [
        hb.PoissonDrive("E", "ex", "3500 Hz", "35 pA"),
        hb.PoissonDrive("I", "ex", "2200 Hz", "35 pA"),
    ],
)
sim = hb.Simulation(net, seed=1)
sim.run("8 s")

spikes = sim.spikes["E"]
rates, edges = np.histogram(spikes.times, 32, (0, 8))
rates = rates / 400 / (edges[1] - edges[0])
print(f"{rates[0]:.0f} spikes a second at first, {rates[-4:].mean():.1f} in the end")
figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
left.plot(edges[1:], rates)
left.axhline(5, color="grey", ls=":")
left.set(xlabel="time, s", ylabel="spikes a second", ylim=(0, None))
right.hist(sim.weights("I", "E").weights * 1e12, 50)
right.set(xlabel="inhibitory weight, pA", ylabel="synapses")
plt.show()
