"""Triplets of spikes: more pairs a second, more potentiation

Sixty pairs of spikes, 10 ms apart either way, at one to fifty a second. With the triplet rule of
Pfister and Gerstner (2006), fast pairs strengthen whatever their order, as in experiments.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

rates, lags = np.array([1, 5, 10, 20, 30, 40, 50]), np.array([10e-3, -10e-3])
times = [0.1 + np.arange(60) / rate for rate in rates for _ in lags]
shift = np.tile(lags, len(rates))
n = len(shift)
who = np.repeat(np.arange(n), 60)
before, after = (
    np.concatenate(times),
    np.concatenate([one + lag for one, lag in zip(times, shift, strict=True)]),
)


def spike_list(times: np.ndarray) -> hb.SpikeList:
    """Given spikes, in the order of their times."""
    order = np.argsort(times, kind="stable")
    return hb.SpikeList(times[order], who[order])


relay = hb.Neuron(
    """
    dv/dt = -v/(10*ms) : volt
    g : siemens
    """,
    threshold="v > 0.5*volt",
    reset="v = 0*volt",
    receptors={"in": "v", "plastic": "g"},
)
rule = hb.rule("triplet_stdp", w_unit="1 nS", w_max="100 nS")
net = hb.Circuit(
    [
        hb.Population("before", spike_list(before), n),
        hb.Population("trigger", spike_list(after), n),
        hb.Population("after", relay, n),
    ],
    [
        hb.Projection("trigger", "after", "in", hb.one_to_one(), weight="1 V"),
        hb.Projection(
            "before", "after", "plastic", hb.one_to_one(), weight="10 nS", plasticity=rule
        ),
    ],
)
sim = hb.Simulation(net, dtype="float64")
sim.run("61 s")
change = (sim.weights("before", "after").weights.reshape(-1, 2) - 10e-9) * 1e9

plt.figure(figsize=(6.4, 3.2), layout="constrained")
for column, label in enumerate(("source first", "target first")):
    plt.plot(rates, change[:, column], "o-", label=label)
    print(f"{label}: {change[0, column]:+.2f} nS at 1 Hz, {change[-1, column]:+.2f} nS at 50 Hz")
plt.axhline(0, color="grey", lw=0.5)
plt.xlabel("pairs a second")
plt.ylabel("change of the weight, nS")
plt.legend()
plt.show()
