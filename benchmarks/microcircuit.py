"""The full Potjans-Diesmann microcircuit: build time, real-time factor, memory, rates.

    python benchmarks/microcircuit.py [SECONDS]

77,169 neurons, 0.3e9 synapses, steps of 0.1 ms, single precision, all cores, once driven by Poisson
spikes and once by a constant current. The first half second is not timed; nothing is recorded but
the number of spikes of each neuron. Rates are held against the published ones.
"""

from __future__ import annotations

import resource
import sys

import numpy as np

from halfbrain.circuits.named.microcircuit import microcircuit
from halfbrain.engine.point.cost import phases
from halfbrain.engine.point.group import PointGroup
from halfbrain.metering import known
from halfbrain.recording import statistics

# Potjans and Diesmann 2014, full scale (reference rates of INM-6's implementation), Hz.
PUBLISHED = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    for drive in ("poisson", "dc"):
        simulation = PointGroup(microcircuit(1.0, drive=drive), seed=1)
        simulation.run(0.5)
        wall = simulation.wall_seconds
        simulation.run(seconds)
        rtf = (simulation.wall_seconds - wall) / seconds
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"\n{drive}: built in {simulation.build_seconds:.1f} s, RTF {rtf:.2f}, "
            f"{peak:.2f} GiB, {simulation.threads} threads"
        )
        ceilings = known.ceilings(simulation.threads)
        for phase in phases(simulation, ceilings.cache_bytes):
            share = phase.cost.roofline_fraction(ceilings, simulation.dtype)
            print(f"  {phase.name}: {phase.cost.seconds:.2f} s, {share:.0%} of the roofline")
        found = statistics.window(simulation.spikes, 0.5, 0.5 + seconds)
        print("| population | rate, Hz | published | ratio | CV of intervals | correlation |")
        print("|---|--:|--:|--:|--:|--:|")
        cvs = statistics.interval_cvs(found)
        correlations = statistics.count_correlations(found)
        for (name, rate), wanted in zip(found.rates().items(), PUBLISHED, strict=True):
            print(
                f"| {name} | {rate:.3f} | {wanted} | {rate / wanted:.3f} "
                f"| {np.nanmean(cvs[name]):.2f} | {np.nanmean(correlations[name]):.4f} |"
            )


if __name__ == "__main__":
    main()
