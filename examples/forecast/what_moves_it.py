"""Another assumption, another answer

`hb.estimate` takes every assumption by its name: a number, a text with a unit, or an interval.
Here the firing rate of the cortex goes from 0.1 to 10 spikes a second, and 15 years become 30.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

rates = np.geomspace(0.1, 10, 7)
figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for contender in ("spiking", "spiking-stepped"):
    flop = [
        hb.estimate(contender, firing_rate=rate, samples=2000)[contender].flop for rate in rates
    ]
    axes.plot(rates, [each.p50 for each in flop], "o-", label=contender)
    axes.fill_between(rates, [each.p5 for each in flop], [each.p95 for each in flop], alpha=0.2)
axes.set(xscale="log", yscale="log", xlabel="spikes a second of a neuron", ylabel="FLOP")
axes.legend()

usual, twice = (hb.estimate("spiking", years=years, samples=2000) for years in (15, 30))
ratio = twice["spiking"].flop.p50 / usual["spiking"].flop.p50
print(f"twice the years take {ratio:.2f} times as much")
plt.show()
