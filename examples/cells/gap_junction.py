"""Two cells joined by a gap junction

A current into one cell moves the other too: less, and later.
"""

from pathlib import Path

import matplotlib.pyplot as plt

import halfbrain as hb

here = Path(__file__).parent
cell = hb.Cell.read(here / "pyramidal.swc", v_init="-70 mV")
cell = cell.insert("pas", g="0.05 mS/cm2", e="-70 mV")
gap = hb.Synapse(here / "gap.mod", g="2 nS")
soma = ("soma", 0.5)
junction = hb.GapJunctions("pair", "pair", gap, hb.pairs([0], [1]), place=soma, source_place=soma)
net = hb.Circuit([hb.Population("pair", cell, 2)], gaps=[junction])
sim = hb.Simulation(net, record={("pair", "v"): [0, 1]})
sim.clamp("pair", 0, at=("soma", 0.5), current="0.1 nA", start="20 ms", duration="100 ms")
sim.run("0.2 s")

trace = sim.recorded["pair", "v"]
moved = (trace.values.max(axis=0) - trace.values[0]) * 1e3
print(f"{moved[0]:.2f} mV in the first cell, {moved[1]:.2f} mV in the second")
plt.figure(figsize=(6.4, 3), layout="constrained")
plt.plot(trace.times * 1e3, trace.values * 1e3, label=["first cell", "second cell"])
plt.xlabel("time, ms")
plt.ylabel("v, mV")
plt.legend()
plt.show()
