"""The same spikes for any number of threads

Random numbers are keyed by seed, object and step, and sums are of whole numbers. So results do
not depend on the machine's cores; the time does.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

runs = []
for threads in (1, 2):
    sim = hb.Simulation(hb.circuit("cuba"), seed=7, threads=threads)
    sim.run("0.3 s")
    runs.append(sim.spikes["E"])
equal = np.array_equal(runs[0].times, runs[1].times)
print(f"{len(runs[0])} spikes; bit for bit the same: {equal}")

figure, grid = plt.subplots(2, figsize=(6.4, 3.4), sharex=True, layout="constrained")
for axes, spikes, threads in zip(grid, runs, (1, 2), strict=True):
    axes.hist(spikes.times, 100, histtype="stepfilled")
    axes.set_ylabel(f"{threads} thread" + "s" * (threads > 1))
grid[-1].set_xlabel("time, s")
plt.show()
