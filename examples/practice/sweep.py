"""A sweep over parameters, in processes

A run is a function of its parameters. A pool of processes takes any number of them, and the same
seed gives the same spikes wherever it runs.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import matplotlib.pyplot as plt

import halfbrain as hb

WEIGHTS = [0.1, 0.2, 0.4, 0.8]  # mV


def rate(weight: float) -> float:
    """Spikes a second of a neuron of a network whose synapses have this weight."""
    lif = hb.neuron("lif_delta")
    net = hb.Circuit(
        [hb.Population("E", lif, 400, {"v": hb.uniform("0 mV", "20 mV")})],
        [hb.Projection("E", "E", "syn", hb.bernoulli(0.1), weight=weight * 1e-3, delay="2 ms")],
        [hb.PoissonDrive("E", "syn", "9000 Hz", "0.1 mV")],
    )
    sim = hb.Simulation(net, seed=1, threads=1)
    sim.run("0.5 s")
    return sim.spikes["E"].rate


if __name__ == "__main__":
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        rates = list(pool.map(rate, WEIGHTS))
    for weight, found in zip(WEIGHTS, rates, strict=True):
        print(f"{weight} mV: {found:.1f} spikes a second")
    plt.figure(figsize=(5, 3), layout="constrained")
    plt.plot(WEIGHTS, rates, "o-")
    plt.xlabel("weight, mV")
    plt.ylabel("spikes a second")
    plt.show()
