"""The window of spike-timing-dependent plasticity

One synapse for each difference of times between the two spikes. What the simulation gives lies
on the two exponentials of the rule.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

later = np.arange(-49, 50, 2) * 1e-3  # second: by how much the target's spike is later
n = len(later)
before = hb.SpikeList(0.1 - later, np.arange(n))
relay = hb.Neuron("dv/dt = -v/(10*ms) : volt", threshold="v > 0.5*volt", reset="v = 0*volt",
                  receptors={"in": "v", "plastic": "v"})  # fmt: skip
trigger = hb.SpikeList(np.full(n, 0.1), np.arange(n))
stdp = hb.rule("pair_stdp", w_max="1 mV")
net = hb.Circuit(
    [
        hb.Population("before", before, n),
        hb.Population("trigger", trigger, n),
        hb.Population("after", relay, n),
    ],
    [
        hb.Projection("trigger", "after", "in", hb.one_to_one(), weight="1 V"),
        hb.Projection(
            "before", "after", "plastic", hb.one_to_one(), weight="0.5 mV", plasticity=stdp
        ),
    ],
)
sim = hb.Simulation(net, dtype="float64")
sim.run("0.3 s")
change = sim.weights("before", "after").weights - 0.5e-3
fired = [train[0] for train in sim.spikes["after"].trains()]
later = np.array(fired) - [train[0] for train in sim.spikes["before"].trains()]

expected = (
    np.where(later > 0, 0.005 * np.exp(-later / 20e-3), -0.00525 * np.exp(later / 20e-3)) * 1e-3
)
print(f"largest difference from the rule: {np.abs(change - expected).max():.1e} V")
plt.figure(figsize=(6.4, 3.2), layout="constrained")
plt.axhline(0, color="grey", lw=0.5)
plt.plot(later * 1e3, expected * 1e6, "k-", lw=1, label="rule")
plt.plot(later * 1e3, change * 1e6, "o", ms=4, label="simulated")
plt.xlabel("target's spike minus source's, ms")
plt.ylabel("change of the weight, uV")
plt.legend()
plt.show()
