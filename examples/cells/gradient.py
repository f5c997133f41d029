"""A channel that is denser far out

Hay et al. (2011) have Ih grow along the apical dendrite with the distance to the soma, and
calcium channels in a hot zone. A formula of the distance says so; it is read, never run.
"""

from pathlib import Path

import matplotlib.pyplot as plt

import halfbrain as hb

here = Path(__file__).parent
growing = hb.formula(
    "base*(-0.8696 + 2.087*exp(distance/length))", base="0.2 mS/cm2", length="323 um"
)
zone = hb.formula("0.00005*(1 if 300 < distance < 400 else 0.01)")  # S/cm2, as the file has it
cell = (
    hb.Cell.read(here / "pyramidal.swc", cut="10 um")
    .insert("pas", g=zone, e="-80 mV")
    .insert(hb.read_mod(here / "Ih.mod"), "apical", gbar=growing)
)
print(cell.show())

made = cell.compartments()
figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
for placed, name in zip(made.placed, ("g", "gbar"), strict=True):
    distance = made.distance[placed.where]
    axes.plot(
        distance, placed.parameters[name], ".", ms=3, label=f"{name} of {placed.mechanism.name}"
    )
axes.set(yscale="log", xlabel="distance to the soma, um", ylabel="S/cm2")
axes.legend()
plt.show()
