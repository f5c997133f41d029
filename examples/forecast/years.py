"""In which year it is affordable

Machines become cheaper with trends of their own: arithmetic, memory traffic, memory,
electricity. The year is that in which a training costs no more than the money there is, which
stays or grows.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

CONTENDERS = ("spiking", "spiking-surrogate", "spiking-stepped", "blue-brain")
LAST = 2100  # no later year is told
found = hb.when(*CONTENDERS, budget="1e9", samples=20_000)
figure, axes = plt.subplots(figsize=(6.4, 3), layout="constrained")
for row, (name, when) in enumerate(found.items()):
    for shift, years, label in ((-0.15, when.fixed, "fixed"), (0.15, when.growing, "growing")):
        color = {"fixed": "C0", "growing": "C1"}[label]
        low, middle, high = (min(year, LAST) for year in (years.p5, years.p50, years.p95))
        axes.plot([low, high], [row + shift] * 2, color, lw=6, alpha=0.5)
        print(f"{name}, {label}: {middle:.0f}, {low:.0f} to {high:.0f}")
        if middle < LAST:
            axes.plot(middle, row + shift, "ko")
axes.plot([], [], "C0", lw=6, alpha=0.5, label="a billion USD")
axes.plot([], [], "C1", lw=6, alpha=0.5, label="money that grows")
axes.set(xlabel="year", yticks=range(len(found)), xlim=(2023, LAST))
axes.set_yticklabels(found)
axes.invert_yaxis()
axes.legend()
plt.show()
