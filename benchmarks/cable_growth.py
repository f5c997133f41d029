"""What a hundred and a thousand cells hold, and how time goes with their number."""

import subprocess
import sys
from dataclasses import replace

import numpy as np

from halfbrain.cells.detailed.installed import detailed_cell
from halfbrain.compare import on_neuron
from halfbrain.compare.cable_job import job, most_memory
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.cost import cable_terms
from halfbrain.engine.cable.simulation import CableSimulation

FEW, MANY, THREADS = 100, 1000, 2
CELLS = {"allen-472363762": "Allen 472363762", "sscx-cADpyr_L4UPC": "Blue Brain cADpyr L4UPC"}
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)


def shuffled(cell, seed):
    """The same cell, with the places of its most widespread mechanism in another order."""
    most = max(cell.placed, key=lambda x: len(x.where))
    order = np.random.default_rng(seed).permutation(len(most.where))
    values = {n: x if np.ndim(x) == 0 else x[order] for n, x in most.parameters.items()}
    moved = replace(most, where=most.where[order], parameters=values)
    return replace(cell, placed=tuple(moved if x is most else x for x in cell.placed))


def built(name, dtype, copies, alike=True):
    cells = [detailed_cell(name)] * copies
    if not alike:  # so that none is stepped with another
        cells = [shuffled(cell, k) for k, cell in enumerate(cells)]
    simulation = CableSimulation(cells, dtype=dtype, threads=THREADS)
    for number in range(copies):
        simulation.current_clamp(number, 0, 1.0, 1e9, 0.3)
        simulation.detect(number, 0, -20.0)
    return simulation


def held(name, dtype, copies, alike):
    """In a process of its own: bytes of states that are counted, and the most that it held."""
    simulation = built(name, dtype, copies, alike)
    simulation.run(5.0)
    print(cable_terms(simulation).bytes * copies, most_memory())


def memory(name, library):
    """Print bytes a compartment: what a thousand cells take above a hundred."""
    cell = detailed_cell(name)
    more = (MANY - FEW) * len(cell.parent)

    def line(what, few, many):
        each = [f"{(b - a) / more:.0f}" for a, b in zip(few, many, strict=True)]
        print(f"| {name} | {what} | {' | '.join(each)} |", flush=True)

    for dtype, alike in (("float64", True), ("float32", True), ("float64", False)):
        found = []
        for copies in (FEW, MANY, FEW, MANY):  # to compile takes memory too
            code = f"import cable_growth; cable_growth.held({name!r}, {dtype!r}, {copies}, {alike})"
            out = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True,
                cwd=sys.path[0],
            )  # fmt: skip
            found.append([float(x) for x in out.stdout.split()])
        line(f"halfbrain, {dtype}{'' if alike else ', all of other shapes'}", *found[2:])
    for core in (False, True):
        found = []
        for copies in (FEW, MANY):
            there = run_on(
                on_neuron,
                job(cell, 5.0, clamps=[(0, 1.0, 1e9, 0.3)], threshold=-20.0, copies=copies,
                    threads=THREADS, by_section=True, coreneuron=core,
                    library=library(cell, core))
            )  # fmt: skip
            found.append([there.ran, there.built + there.ran])
        line("CoreNEURON" if core else "NEURON", *found)


def growth(picture=None):
    """Print ns a compartment-step for 1 to some 2,000 cells, and draw it."""
    print(f"| cell | type | {' | '.join(map(str, COUNTS))} |")
    lines = {}
    for name, title in CELLS.items():
        compartments = len(detailed_cell(name).parent)
        for dtype in ("float64", "float32"):
            times = []
            for copies in COUNTS:
                simulation = built(name, dtype, copies)
                simulation.run(1.0)
                milliseconds = min(50.0, max(2.0, 4000.0 / copies))
                best = []
                for _ in range(3):
                    before = simulation.wall_seconds
                    simulation.run(milliseconds / 3)
                    best.append(simulation.wall_seconds - before)
                steps = round(milliseconds / 3 / 0.025) * copies * compartments
                times.append(min(best) / steps * 1e9)
            lines[f"{title}, {dtype}"] = times
            print(f"| {name} | {dtype} | {' | '.join(f'{x:.2f}' for x in times)} |", flush=True)
    if picture:
        draw(lines, picture)


def draw(lines, picture):
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    for (title, times), style in zip(lines.items(), ("o-", "o--", "s-", "s--"), strict=True):
        axis.loglog(COUNTS, times, style, label=title, markersize=4)
    axis.set(xlabel="cells", ylabel="ns a compartment-step, two threads")
    axis.set_ylim(0.1, 200)
    axis.legend(frameon=False, loc="upper right")
    axis.grid(visible=True, which="major", alpha=0.3)
    figure.savefig(picture, dpi=150)
    assert np.isfinite(list(lines.values())).all()
