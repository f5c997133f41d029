"""A mushroom body learns

Kenyon cells hear odours and reach the output neurons through plastic synapses: the circuit of
Brian2GeNN's benchmarks, with its odours given as spikes.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

sim = hb.Simulation(hb.circuit("mbody", neurons=500), seed=1)
(source, target) = next((p.source, p.target) for p in sim.circuit.projections if p.plasticity)
before = sim.weights(source, target).weights
sim.run("1 s")
after = sim.weights(source, target).weights

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
spikes = sim.spikes[source]
left.plot(spikes.times, spikes.neurons, ".", ms=1)
left.set(xlabel="time, s", ylabel=f"neuron of {source}")
right.plot(before * 1e9, after * 1e9, ",")
right.set(xlabel="weight before, nS", ylabel="after a second, nS")
print(f"{len(before)} synapses; the mean went from {before.mean():.2e} to {after.mean():.2e} S")
plt.show()
