"""Save, and go on

A run that is saved and goes on in another program is the run that was not interrupted, bit for
bit.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

whole = hb.Simulation(hb.circuit("cuba"), seed=3)
whole.run("0.2 s")

first = hb.Simulation(hb.circuit("cuba"), seed=3)
first.run("0.1 s")
first.save("run.checkpoint")
second = hb.load("run.checkpoint")
second.run("0.1 s")

same = np.array_equal(second.spikes["E"].times, whole.spikes["E"].times)
print(f"the same spikes: {same}")
plt.figure(figsize=(6.4, 3), layout="constrained")
for sim, color in ((second, "C1"), (first, "C0")):
    spikes = sim.spikes["E"]
    plt.plot(spikes.times, spikes.neurons, ",", color=color)
plt.axvline(0.1, color="k", lw=1)
plt.xlabel("time, s; saved at the line")
plt.ylabel("neuron")
plt.show()
