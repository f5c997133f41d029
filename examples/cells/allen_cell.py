"""A cell of the Allen Institute

Cell 472363762 of the Allen Cell Types Database, with its fitted channels, under steps of
current. Needs the extra `cells`.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

currents = ["0.1 nA", "0.2 nA", "0.3 nA"]
sim = hb.Simulation(
    hb.Circuit([hb.Population("cell", "allen-472363762", len(currents))]),
    record={("cell", "v"): range(len(currents))},
)
for number, current in enumerate(currents):
    sim.clamp("cell", number, at=("soma", 0.5), current=current, start="50 ms", duration="300 ms")
sim.run("0.4 s")

trace, trains = sim.recorded["cell", "v"], sim.spikes["cell"].trains()
figure, grid = plt.subplots(3, figsize=(6.4, 4.5), sharex=True, layout="constrained")
for number, axes in enumerate(grid):
    axes.plot(trace.times * 1e3, trace.values[:, number] * 1e3, lw=0.8)
    axes.set_title(currents[number], fontsize=9)
    print(f"{currents[number]}: {len(trains[number])} spikes")
grid[-1].set_xlabel("time, ms")
grid[1].set_ylabel("v, mV")
plt.show()
