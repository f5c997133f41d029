"""Pairing of spikes at calcium-based plastic synapses (GluSynapse, Chindemi et al. 2022).

python benchmarks/pairing.py peaks     integrated calcium after one spike, beside the package's
python benchmarks/pairing.py check     five pairings beside NEURON, with the same streams
python benchmarks/pairing.py pairing   fifty pairings at some delays and rates

The cell and its three synapses are those that EModelRunner brings (``synplas``), and so is the
protocol at 1 Hz: five pairings, 1 s apart, every 10 s, ten times. A delay is from the event at the
synapses to the cell's spike. ``--hertz`` is the rate within five, ``--fives`` how many there are.
"""

import argparse
import time

import numpy as np

from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.cells.detailed.plastic_pair import SEED, plastic_pair
from halfbrain.compare import on_neuron
from halfbrain.compare.cable_job import Synapse, files_of, job
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.simulation import CableSimulation

WIDTH, AMPLITUDE, LATENCY = 3.0, 1.0, 2.2  # ms, nA, ms from the current to the spike
DELAYS = (-50.0, -20.0, -10.0, -5.0, 5.0, 10.0, 20.0, 50.0)
WATCHED = ("effcai_GB", "rho_GB", "dep_GB", "pot_GB")
PAUSE = 10_000.0


def stepped(pair, events, currents, milliseconds):
    """For copies of a pair, the synapses' variables, the soma's voltage and its spikes."""
    simulation = CableSimulation([pair.cell] * len(events), seed=SEED)
    mechanism = len(pair.cell.placed) - 1
    records, somata, v = [], [], []
    for k in range(len(events)):
        for start in currents[k]:
            simulation.current_clamp(k, 0, start, WIDTH, AMPLITUDE)
        source = simulation.play(events[k])
        for place in range(len(pair.synapses.where)):
            simulation.connect(source, k, mechanism, place, 0.0, 1.0)
        somata.append(simulation.detect(k, 0, -20.0))
        v.append(simulation.record(k, 0))
        records.append([[simulation.record(k, place, name, mechanism) for name in WATCHED]
                        for place in range(len(pair.synapses.where))])  # fmt: skip
    simulation.run(milliseconds)
    times, sources = simulation.spikes()
    found = [[dict(zip(WATCHED, map(simulation.recorded, one), strict=True)) for one in of]
             for of in records]  # fmt: skip
    return found, [simulation.recorded(x) for x in v], [times[sources == x] for x in somata]


def starts(fives, hertz):
    return 1000.0 + np.array([PAUSE * n + 1000 / hertz * k for n in range(fives) for k in range(5)])


def peaks():
    pair = plastic_pair().with_release(1.0)
    (pre, post), _, _ = stepped(pair, [[300.0], []], [[], [300.0]], 1000.0)
    print("| synapse | a spike before it | the package's | a spike of the cell | the package's |")
    for k, (a, b, said) in enumerate(zip(pre, post, pair.peaks, strict=True), start=1):
        a, b = a["effcai_GB"].max(), b["effcai_GB"].max()
        print(f"| {k} | {a:.4g} | {said[0]:.4g} | {b:.4g} | {said[1]:.4g} |")


def check(hertz, delay):
    pair = plastic_pair()
    currents = starts(1, hertz)
    events = currents + LATENCY - delay
    end = currents[-1] + 300
    (found,), (v,), _ = stepped(pair, [events], [currents], end)
    synapses, mechanism = pair.synapses, pair.synapses.mechanism
    each = [
        Synapse(
            mechanism.name,
            int(where),
            {n: float(x[k]) for n, x in synapses.parameters.items() if n in mechanism.parameters},
            {n: float(x) for n, x in synapses.parameters.items() if n in mechanism.shared},
            tuple(map(int, synapses.streams[k])),
            tuple(events),
            1.0,
            WATCHED,
        )
        for k, where in enumerate(synapses.where)
    ]
    library = compile_mechanisms(files_of(pair.cell))
    cell = pair.cell.__class__(**{**pair.cell.__dict__, "placed": pair.cell.placed[:-1]})
    clamps = [(0, start, WIDTH, AMPLITUDE) for start in currents]
    there = run_on(
        on_neuron,
        job(cell, end, clamps=clamps, records=[0], detector=0, threshold=-20.0,
                    library=library, synapses=each, seed=SEED))  # fmt: skip
    print("| synapse | rho at the end, here | NEURON | largest difference of integrated calcium |")
    for k, (one, other) in enumerate(zip(found, there.watched, strict=True), start=1):
        of = dict(zip(WATCHED, other, strict=True))
        worst = abs(one["effcai_GB"] - of["effcai_GB"]).max() / of["effcai_GB"].max()
        print(f"| {k} | {one['rho_GB'][-1]:.6f} | {of['rho_GB'][-1]:.6f} | {worst:.1e} |")
    print(f"voltage: {np.sqrt(np.mean((v - there.voltages[0]) ** 2)):.1e} mV root mean square")


def pairing(fives, hertz):
    pair = plastic_pair()
    currents = starts(fives, hertz)
    events = [currents + LATENCY - delay for delay in DELAYS]
    begun = time.perf_counter()
    end = currents[-1] + 2000
    found, _, spikes = stepped(pair, events, [currents] * len(DELAYS), end)
    took = time.perf_counter() - begun
    print(f"{5 * fives} pairings at {hertz:g} Hz; {end / 1000:g} s of {len(DELAYS)} cells in "
          f"{took:.0f} s")  # fmt: skip
    print("| delay | spikes |" + "".join(f" rho {k} |" for k in range(1, len(found[0]) + 1)))
    for delay, of, fired in zip(DELAYS, found, spikes, strict=True):
        rho = "".join(f" {x['rho_GB'][0]:.0f} to {x['rho_GB'][-1]:.2f} |" for x in of)
        print(f"| {delay:+g} ms | {len(fired)} |{rho}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("peaks", "check", "pairing"))
    parser.add_argument("--fives", type=int, default=10)
    parser.add_argument("--hertz", type=float, default=1.0)
    parser.add_argument("--delay", type=float, default=10.0, help="ms, of check")
    asked = parser.parse_args()
    if asked.what == "pairing":
        pairing(asked.fives, asked.hertz)
    elif asked.what == "check":
        check(asked.hertz, asked.delay)
    else:
        peaks()
