"""Rate against current, and what theory says

A population of 60 neurons, each with another current; the line is the closed form 1 /
(refractory + tau ln(RI / (RI - threshold))).
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

currents = np.linspace(0, 1e-9, 60)
lif = hb.neuron("lif_current_exp")  # 10 ms, 250 pF, 15 mV from rest to threshold, 2 ms of rest
cells = hb.Population("cells", lif, 60, {"v": "-65 mV", "I_e": currents})
sim = hb.Simulation(hb.Circuit([cells]), dtype="float64")
sim.run("2 s")
rates = np.array([len(train) for train in sim.spikes["cells"].trains()]) / sim.seconds

drive = currents * 10e-3 / 250e-12  # volt
fires = drive > 15e-3
expected = np.zeros(60)
expected[fires] = 1 / (2e-3 + 10e-3 * np.log(drive[fires] / (drive[fires] - 15e-3)))
print(f"largest difference: {np.abs(rates - expected).max():.2f} Hz")
plt.figure(figsize=(6.4, 3.4), layout="constrained")
plt.plot(currents * 1e12, expected, "k-", lw=1, label="closed form")
plt.plot(currents * 1e12, rates, "o", ms=4, label="simulated")
plt.xlabel("current, pA")
plt.ylabel("spikes a second")
plt.legend()
plt.show()
