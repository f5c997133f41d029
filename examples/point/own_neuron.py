"""A neuron of one's own

Equations are written as in Brian2, one a line, with their units. Here a leaky integrate-and-fire
neuron is driven by a current that rises.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

lif = hb.Neuron(
    """
    dv/dt = (E_L - v + R*I)/tau : volt (unless refractory)
    I : amp
    """,
    threshold="v > V_th",
    reset="v = E_L",
    refractory="2 ms",
    constants={"E_L": "-65 mV", "V_th": "-50 mV", "tau": "20 ms", "R": "100 Mohm"},
)
ramp = np.linspace(0, 300e-12, 500)  # ampere; a new value each millisecond
cell = hb.Population("cell", lif, 1, {"v": "-65 mV"})
sim = hb.Simulation(hb.Circuit([cell]), record={("cell", "v"): [0]})
sim.input("cell", [0], ramp, every="1 ms", into="I")
sim.run("0.5 s")

trace, spikes = sim.recorded["cell", "v"], sim.spikes["cell"]
print(f"{len(spikes)} spikes, the first after {spikes.times[0]:.3f} s")
plt.figure(figsize=(6.4, 3), layout="constrained")
plt.plot(trace.times, trace.values[:, 0] * 1e3)
plt.plot(spikes.times, np.full(len(spikes), -48), "k|")
plt.xlabel("time, s")
plt.ylabel("membrane potential, mV")
plt.show()
