"""The model held against what was published

The same cost model says how fast published simulations should have been. Each point is one run;
on the line the model would be right.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

runs = [run for run in hb.backcast().values() if run.predicted and run.published]
figure, axes = plt.subplots(figsize=(5.2, 4.6), layout="constrained")
for contender in ("spiking", "blue-brain"):
    mine = [run for run in runs if run.contender == contender]
    middle = [run.predicted.p50 for run in mine]
    below = [run.predicted.p50 - run.predicted.p5 for run in mine]
    above = [run.predicted.p95 - run.predicted.p50 for run in mine]
    axes.errorbar([run.published for run in mine], middle, (below, above), fmt="o", label=contender)
axes.axline((1, 1), slope=1, color="grey", ls=":")
axes.set(xscale="log", yscale="log", xlabel="published: seconds for a second of life")
axes.set(ylabel="by the cost model")
axes.legend(loc="upper left")

inside = sum(run.predicted.p5 <= run.published <= run.predicted.p95 for run in runs)
print(f"{inside} of {len(runs)} published speeds lie in the model's 90 % interval")
plt.show()
