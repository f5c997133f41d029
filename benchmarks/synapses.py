"""What synapses of detailed cells take: time, operations and memory, by mechanism.

python benchmarks/synapses.py    Blue Brain's synapses, a thousand on each of eight cells

The time of a synapse-step is what a run without events takes longer than one of the same cells
without synapses; an event's is that of the delivery phase of a run with spikes from outside.
"""

import dataclasses
import sys

import numpy as np

from halfbrain.cells.detailed.installed import recipe
from halfbrain.engine.cable.cost import cable_phases, cable_terms
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.morphology.compartments import Placed

CELL, CELLS, SYNAPSES, HERTZ, MILLISECONDS = "synplas-cADpyr_L4UPC", 8, 1000, 10.0, 25.0
NAMES = ("ProbAMPANMDA_EMS", "ProbGABAAB_EMS", "GluSynapse")


def parameters(name, random):
    """Parameters that differ from place to place, as they do in a circuit."""
    drawn = {"Dep": (100, 700), "Fac": (10, 50)}
    if name == "GluSynapse":
        drawn = {f"{k}_TM": v for k, v in drawn.items()}
        drawn |= {"volume_CR": (0.03, 0.2), "theta_d_GB": (0.01, 0.1), "theta_p_GB": (0.02, 0.2)}
    else:
        drawn |= {"Use": (0.2, 0.8), f"tau_d_{name[4:8]}".replace("GABA", "GABAA"): (1.5, 9)}
    return {k: random.uniform(*v, SYNAPSES) for k, v in drawn.items()}


def simulation(made, name, dtype, hertz):
    random, cells = np.random.default_rng(1), []
    base = made.compartments()
    for _ in range(CELLS):
        placed = base.placed
        if name is not None:
            where = random.choice(np.flatnonzero(base.area > 0), SYNAPSES)
            own = Placed(made.library(name), where, parameters(name, random))
            placed = (*placed, own)
        cells.append(dataclasses.replace(base, placed=placed))
    built = CableSimulation(cells, dtype=dtype, threads=1)
    for k in range(CELLS):
        built.current_clamp(k, 0, 0.0, 1e9, 0.3)
        if hertz:
            many = random.poisson(hertz * MILLISECONDS * 1e-3, SYNAPSES)
            sources = [built.play(np.sort(random.uniform(1, MILLISECONDS, n))) for n in many]
            built.connect_many(sources, k, len(base.placed), np.arange(SYNAPSES), 0.0, 1.0)
    built.run(0.5)  # what is compiled, and what INITIAL sends
    return built


def step(made, name, dtype):
    """Microseconds of a step of a cell, the least of three."""
    built, times = simulation(made, name, dtype, 0.0), []
    for _ in range(3):
        before = built.wall_seconds
        built.run(MILLISECONDS)
        times.append(built.wall_seconds - before)
    return min(times) / (MILLISECONDS / built.dt) / CELLS * 1e6


def main(dtypes):
    made = recipe(CELL)
    print("| synapse | precision | ns a synapse-step | FLOP | ns an event | FLOP | bytes |")
    for dtype in dtypes:
        without = step(made, None, dtype)
        for name in NAMES:
            each = (step(made, name, dtype) - without) * 1e3 / SYNAPSES
            built = simulation(made, name, dtype, HERTZ)
            quiet = simulation(made, name, dtype, 0.0)
            for run in (built, quiet):
                run.run(MILLISECONDS)
            seconds = [
                next(p.cost.seconds for p in cable_phases(run) if p.name == "deliver")
                for run in (built, quiet)
            ]
            events = [sum(n for _, n in run.received()) for run in (built, quiet)]
            event = (seconds[0] - seconds[1]) / (events[0] - events[1]) * 1e9
            terms = cable_terms(built)
            (table,) = {id(t): t for u in built.units for t in u.tables
                        if t.mechanism.name == name}.values()  # fmt: skip
            print(
                f"| {name} | {dtype} | {each:.2f} | {terms.mechanisms[name]:.0f} | {event:.0f} "
                f"| {terms.events[name]:.0f} | {table.record.nbytes / table.count:.0f} |",
                flush=True,
            )
        print(f"a step of the cell without synapses: {without:.2f} us")


if __name__ == "__main__":
    main(sys.argv[1:] or ("float64", "float32"))
