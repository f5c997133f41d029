"""A cell of one's own: SWC and .mod

A morphology from a file, channels by region, one of them from a file of one's own, and a current
into the soma.
"""

from pathlib import Path

import matplotlib.pyplot as plt

import halfbrain as hb

here = Path(__file__).parent
cell = (
    hb.Cell.read(here / "pyramidal.swc")
    .insert("hh", ("soma", "basal"))
    .insert("pas", "apical", g="0.05 mS/cm2", e="-70 mV")
    .insert(hb.read_mod(here / "Ih.mod"), "apical", gbar="0.1 mS/cm2")
)
tip = ("apical", 6, 0.9)
sim = hb.Simulation(
    hb.Circuit([hb.Population("pyr", cell, 1)]),
    record={("pyr", "v", ("soma", 0.5)): [0], ("pyr", "v", tip): [0]},
)
sim.clamp("pyr", 0, at=("soma", 0.5), current="1 nA", start="20 ms", duration="60 ms")
sim.run("0.1 s")

print(f"{len(sim.spikes['pyr'])} spikes")
plt.figure(figsize=(6.4, 3.2), layout="constrained")
for place, name in ((("soma", 0.5), "soma"), (tip, "apical tuft")):
    trace = sim.recorded["pyr", "v", place]
    plt.plot(trace.times * 1e3, trace.values[:, 0] * 1e3, label=name)
plt.xlabel("time, ms")
plt.ylabel("v, mV")
plt.legend()
plt.show()
