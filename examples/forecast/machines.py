"""On how many machines

How many H100s keep pace with life, and which of their limits decides: memory, arithmetic, memory
traffic or the network.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

found = hb.plan("spiking", "h100")
print(found)

plan = found.plan
asked = {"memory": plan.memory, "arithmetic": plan.arithmetic, "memory traffic": plan.traffic}
asked |= {f"network, {way.name}": way.network for way in plan.ways}
asked |= {f"all of it, {way.name}": way.devices for way in plan.ways}
figure, axes = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
for row, devices in enumerate(asked.values()):
    axes.plot([devices.p5, devices.p95], [row, row], lw=6, solid_capstyle="round", alpha=0.5)
    axes.plot(devices.p50, row, "ko")
axes.set(xscale="log", xlabel="H100s, to train in real time", yticks=range(len(asked)))
axes.set_yticklabels(asked)
axes.invert_yaxis()
plt.show()
