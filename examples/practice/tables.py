"""Spikes and traces for pandas, Neo and SONATA

What was recorded goes on to the tools that the field uses: a table, a block of spike trains, a
file.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

sim = hb.Simulation(hb.circuit("cobahh", neurons=400), seed=1, record={("E", "V"): range(3)})
sim.run("0.2 s")

table = sim.spikes.to_pandas()
print(table.groupby("population", observed=True).size().to_string())
print(f"{len(sim.spikes.to_neo().segments[0].spiketrains)} spike trains for Neo")
sim.spikes.to_sonata("spikes.h5")

trace = sim.recorded["E", "V"].to_pandas()
axes = (trace * 1e3).plot(figsize=(6.4, 3), lw=0.8, xlabel="time, s", ylabel="v, mV")
axes.figure.set_layout_engine("constrained")
plt.show()
