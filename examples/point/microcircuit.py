"""A cortical column of point neurons

Potjans and Diesmann's microcircuit at a tenth of its size, with the mean and the variance of its
input kept. Bars are the rates of its eight populations.
"""

import matplotlib.pyplot as plt

import halfbrain as hb

sim = hb.Simulation(hb.circuit("microcircuit", scale=0.1), seed=1)
sim.run("0.5 s")
rates = {name: rate for name, rate in sim.spikes.rates().items() if name.startswith("L")}

figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.6), layout="constrained")
for row, name in enumerate(rates):
    spikes = sim.spikes[name]
    some = spikes.neurons < 40
    color = "C0" if name.endswith("E") else "C3"
    left.plot(spikes.times[some], spikes.neurons[some] + 40 * row, ".", ms=1, color=color)
    right.barh(row, rates[name], color=color)
    print(f"{name:5} {rates[name]:6.2f} spikes a second")
left.set(xlabel="time, s", yticks=[])
right.set(xlabel="spikes a second", yticks=range(len(rates)), yticklabels=list(rates))
left.invert_yaxis()
right.invert_yaxis()
plt.show()
