"""A named circuit: CUBA

The circuits that the field measures itself with have names. This is Vogels and Abbott's network,
as in Brette et al. 2007.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

sim = hb.Simulation(hb.circuit("cuba"), seed=1)
sim.run("0.3 s")

plt.figure(figsize=(6.4, 3.4), layout="constrained")
for name in ("E", "I"):
    spikes = sim.spikes[name]
    shift = 0 if name == "E" else 3200
    plt.plot(spikes.times, spikes.neurons + shift, ",", label=name)
    print(f"{name}: {spikes.rate:.1f} spikes a second of a neuron")
plt.xlabel("time, s")
plt.ylabel("neuron")
plt.show()
