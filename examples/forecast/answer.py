"""The answer: FLOP to train half a human neocortex

Four contenders, each with its 90 % interval, beside what two language models took to train.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

found = hb.estimate()
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for row, (name, cost) in enumerate(found.items()):
    axes.plot([cost.flop.p5, cost.flop.p95], [row, row], lw=6, solid_capstyle="round", alpha=0.5)
    axes.plot(cost.flop.p50, row, "ko")
    print(f"{name:12} {cost.flop.p50:.1e} FLOP, {cost.flop.p5:.1e} to {cost.flop.p95:.1e}")
for run in ("gpt-3", "gpt-4"):
    compute = hb.fact(f"training_runs.{run}.compute").magnitude()
    axes.axvline(compute, color="grey", ls=":")
    axes.text(compute, 3.55, f" {run.upper()}", color="grey")
axes.set(xscale="log", xlabel="FLOP of the whole training", yticks=range(4), ylim=(-0.6, 4))
axes.set_yticklabels(found)
plt.show()
