"""With what odds

Enough compute is no success. Between the two stands a chain of beliefs, each a chance given that
all steps above it hold; only the first is computed. These are two people's.
"""

import matplotlib.pyplot as plt
import numpy as np

import halfbrain as hb

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
for shift, preset in ((-0.2, "author-2022"), (0.2, "sceptic")):
    odds = hb.odds("spiking", preset=preset)["spiking"]
    steps = [step.branch.split(".")[-1] for step in odds.steps]
    places = np.arange(len(steps) + 1) + shift
    chances = [*(step.chance.p50 for step in odds.steps), odds.works.p50]
    axes.bar(places, chances, 0.4, label=preset)
    print(f"{preset}: {odds.works.p50:.2%}; it hangs on {', '.join(odds.hangs_on)}")
axes.set_xticks(range(len(steps) + 1), [*steps, "all of it"], rotation=30)
axes.set(yscale="log", ylim=(5e-5, 5), ylabel="chance")
axes.legend(ncols=2)
plt.show()
