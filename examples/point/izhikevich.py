"""Izhikevich's neurons

Four numbers make the same two equations fire regularly, in bursts, or fast (Izhikevich 2003,
fig. 2). They are parameters here, so that each neuron of one population has its own.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

KINDS = {  # a, b, c in mV, d in mV
    "regular spiking": (0.02, 0.2, -65, 8),
    "intrinsically bursting": (0.02, 0.2, -55, 4),
    "chattering": (0.02, 0.2, -50, 2),
    "fast spiking": (0.1, 0.2, -65, 2),
    "low-threshold spiking": (0.02, 0.25, -65, 2),
    "resonator": (0.1, 0.26, -65, 2),
}
model = hb.Neuron(
    """
    dv/dt = (0.04/mV*v**2 + 5*v + 140*mV - u + I)/ms : volt
    du/dt = a*(b*v - u)/ms : volt
    I : volt
    a : 1
    b : 1
    c : volt
    d : volt
    """,
    threshold="v >= 30*mV",
    reset="v = c; u += d",
    method="rk4",
)
a, b, c, d = np.array(list(KINDS.values())).T
values = {
    "a": a,
    "b": b,
    "c": c * 1e-3,
    "d": d * 1e-3,
    "v": "-65 mV",
    "u": b * -65e-3,
    "I": "10 mV",
}
cells = hb.Population("cells", model, len(KINDS), values)
sim = hb.Simulation(hb.Circuit([cells]), record={("cells", "v"): range(len(KINDS))})
sim.run("0.3 s")

trace, trains = sim.recorded["cells", "v"], sim.spikes["cells"].trains()
figure, grid = plt.subplots(3, 2, figsize=(7, 5), sharex=True, sharey=True, layout="constrained")
for number, (axes, kind) in enumerate(zip(grid.flat, KINDS, strict=True)):
    axes.plot(trace.times * 1e3, trace.values[:, number] * 1e3, lw=0.8)
    axes.set_title(kind, fontsize=9)
    print(f"{kind}: {len(trains[number])} spikes in 300 ms")
figure.supxlabel("time, ms")
figure.supylabel("v, mV")
plt.show()
