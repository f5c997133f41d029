"""What a run costs

Every run is metered: operations and bytes of each phase, counted from the program that runs, and
how near it came to this machine's roofline.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

sim = hb.Simulation(hb.circuit("cobahh"), seed=1)
sim.run("0.2 s")
print(f"{sim.cost().flop / sim.neurons / sim.seconds:.2e} FLOP for a neuron and a second of life")

phases = sim.phases()
names = [phase.name for phase in phases]
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained")
left.barh(names, [phase.cost.flop for phase in phases])
left.set_xlabel("FLOP")
right.barh(names, [phase.cost.seconds for phase in phases])
right.set(xlabel="seconds of wall time", yticks=[])
plt.show()
