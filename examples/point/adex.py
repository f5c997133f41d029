"""Adaptation and bursts: the adaptive exponential neuron

The same equations with other constants adapt, burst, or fire at once and then stop (Naud et al.
2008, table 1).
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

PATTERNS = {  # C in pF, g_L in nS, E_L in mV, tau_w in ms, a in nS, b in pA, V_r in mV, I in pA
    "tonic": (200, 10, -70, 30, 2, 0, -58, 500),
    "adapting": (200, 12, -70, 300, 2, 60, -58, 500),
    "initial burst": (130, 18, -58, 150, 4, 120, -50, 400),
    "regular bursts": (200, 10, -58, 120, 2, 100, -46, 210),
}
UNITS = np.array([1e-12, 1e-9, 1e-3, 1e-3, 1e-9, 1e-12, 1e-3, 1e-12])
adex = hb.Neuron(
    """
    dv/dt = (g_L*(E_L - v) + g_L*D_T*exp(clip((v - V_T)/D_T, -50, 5)) - w + I)/C : volt
    dw/dt = (a*(v - E_L) - w)/tau_w : amp
    C : farad
    g_L : siemens
    E_L : volt
    tau_w : second
    a : siemens
    b : amp
    V_r : volt
    I : amp
    """,
    threshold="v > V_T + 5*D_T",
    reset="v = V_r; w += b",
    constants={"V_T": "-50 mV", "D_T": "2 mV"},
    method="rk4",
)
names = ["C", "g_L", "E_L", "tau_w", "a", "b", "V_r", "I"]
values = dict(zip(names, (np.array(list(PATTERNS.values())) * UNITS).T, strict=True))
cells = hb.Population("cells", adex, len(PATTERNS), values | {"v": values["E_L"]})
sim = hb.Simulation(hb.Circuit([cells]), record={("cells", "v"): range(len(PATTERNS))})
sim.run("0.5 s")

trace, trains = sim.recorded["cells", "v"], sim.spikes["cells"].trains()
figure, grid = plt.subplots(4, figsize=(6.4, 5.5), sharex=True, layout="constrained")
for number, (axes, name) in enumerate(zip(grid, PATTERNS, strict=True)):
    axes.plot(trace.times * 1e3, trace.values[:, number] * 1e3, lw=0.8)
    axes.vlines(trains[number] * 1e3, -40, 0, lw=0.8)
    axes.set_title(name, fontsize=9)
    print(f"{name}: {len(trains[number])} spikes")
grid[-1].set_xlabel("time, ms")
plt.show()
