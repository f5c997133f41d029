"""Spikes out to a SONATA file, and in again

A network's spikes are written as a SONATA file, and played into another circuit from there.
"""

import h5py
import matplotlib.pyplot as plt

import halfbrain as hb

first = hb.Simulation(hb.circuit("cuba", neurons=1000), seed=2)
first.run("0.2 s")
first.spikes.to_sonata("spikes.h5")

with h5py.File("spikes.h5") as file:
    group = file["spikes/E"]
    times, neurons = group["timestamps"][:] * 1e-3, group["node_ids"][:]  # SONATA has ms
played = hb.SpikeList(times, neurons)
reader = hb.neuron("lif_current_exp", tau_I_ex="5 ms")
net = hb.Circuit(
    [hb.Population("played", played, 800), hb.Population("reader", reader, 1, {"v": "-65 mV"})],
    [hb.Projection("played", "reader", "ex", hb.all_to_all(), weight="40 pA", delay="1 ms")],
)
second = hb.Simulation(net, record={("reader", "v"): [0]})
second.run("0.2 s")

trace = second.recorded["reader", "v"]
print(f"{len(times)} spikes read; the reader fires {len(second.spikes['reader'])} times")
figure, (above, below) = plt.subplots(2, figsize=(6.4, 4), sharex=True, layout="constrained")
above.plot(times, neurons, ",")
below.plot(trace.times, trace.values[:, 0] * 1e3)
below.set(xlabel="time, s", ylabel="v, mV")
plt.show()
