"""Detailed cells: every installed one against NEURON, and a hundred against their opponents.

    python benchmarks/cable.py check [CELL ...]      voltages and spikes against NEURON's
    python benchmarks/cable.py speed [CELL ...]      beside NEURON and CoreNEURON, with the roofline
    python benchmarks/cable.py arbor [CELL ...]      spikes and time beside Arbor
    python benchmarks/cable.py jaxley [CELL ...]     the same of Hodgkin-Huxley cells beside Jaxley
    python benchmarks/cable.py memory [CELL ...]     bytes a compartment, beside CoreNEURON's
    python benchmarks/cable.py events                what an event takes
    python benchmarks/cable.py growth [PICTURE.png]  time a compartment-step by number of cells

Times are the best of three runs here, and on Arbor and Jaxley; two threads each.
"""

import sys
import time

import numpy as np
from cable_events import EVENTS, events
from cable_growth import growth, memory

from halfbrain.cells.detailed.classic import with_hodgkin_huxley
from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.cells.detailed.neuron.compiling import compile_mechanisms
from halfbrain.compare import on_arbor, on_jaxley, on_neuron
from halfbrain.compare.arbor_catalogue import compile_catalogue
from halfbrain.compare.cable_job import files_of, job
from halfbrain.compare.joined import joined
from halfbrain.compare.runner import run_on
from halfbrain.engine.cable.cost import cable_phases
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.metering.ceilings import measure

SPEED = ("allen-472363762", "sscx-cADpyr_L4UPC")
ALLEN = tuple(f"allen-{n}" for n in (472363762, 473863510, 473863035, 472912177, 473862421))
BLUE_BRAIN = ("sscx-cADpyr_L4UPC", "synplas-cADpyr_L4UPC", "synplas-cADpyr_L4TPC")
COPIES, THREADS, MILLISECONDS, RUNS = 100, 2, 50.0, 3


def library(cell, coreneuron):
    return compile_mechanisms(files_of(cell), coreneuron=coreneuron)


def stepped(cell, clamp, milliseconds, dt=0.025, dtype="float64"):
    """A cell's somatic voltage and spikes with a current step into the soma."""
    simulation = CableSimulation([cell], dt, dtype=dtype)
    simulation.current_clamp(0, 0, *clamp)
    soma = simulation.record(0, 0)
    simulation.detect(0, 0, -20.0)
    simulation.run(milliseconds)
    return simulation.recorded(soma), simulation.spikes()[0]


def apart(here, there):
    """The farthest pair of spikes, ms; not a number where they are not as many."""
    return abs(here - there).max(initial=0) if len(here) == len(there) else np.nan


def check(name):
    cell = detailed_cell(name)
    clamp = (50.0, 400.0, 0.8 if name.startswith(("sscx", "synplas")) else 0.3)
    v, here = stepped(cell, clamp, 500.0)
    single = stepped(cell, clamp, 500.0, dtype="float32")[1]
    there = run_on(
        on_neuron,
        job(cell, 500.0, clamps=[(0, *clamp)], records=[0], threshold=-20.0,
            library=library(cell, False))
    )  # fmt: skip
    error = v - there.voltages[0]
    print(
        f"| {name} | {len(cell.parent)} | {len(there.spikes)} | {len(here)} "
        f"| {apart(here, there.spikes) / 0.025:.2f} | {np.sqrt(np.mean(error**2)):.1e} "
        f"| {abs(error).max():.1e} | {apart(here, single):.3f} |",
        flush=True,
    )


def ours(cell, dtype, amplitude=0.3):
    """Seconds a millisecond, spikes and phases of the fastest run of a hundred cells."""
    best = None
    for _ in range(RUNS):
        simulation = CableSimulation([cell] * COPIES, dtype=dtype, threads=THREADS)
        for number in range(COPIES):
            simulation.current_clamp(number, 0, 5.0, 1e9, amplitude)
            simulation.detect(number, 0, -20.0)
        simulation.run(1.0)
        start = time.perf_counter()
        simulation.run(MILLISECONDS - 1.0)
        seconds = (time.perf_counter() - start) / (MILLISECONDS - 1.0)
        if best is None or seconds < best[0]:
            best = seconds, len(simulation.spikes()[0]), cable_phases(simulation)
    return best


def compare(name, compartments, rows, than=0):
    """Print what, ns a compartment-step, how many times one row's, spikes, and shares of phases."""
    per = COPIES * compartments / 0.025
    for what, seconds, spikes, *shares in rows:
        print(
            f"| {name} | {what} | {seconds / per * 1e9:.2f} | {rows[than][1] / seconds:.2f} "
            f"| {spikes} | {', '.join(shares)} |",
            flush=True,
        )


def speed(name):
    cell = detailed_cell(name)
    rows = []
    for core in (False, True):
        there = run_on(
            on_neuron,
            job(cell, MILLISECONDS, clamps=[(0, 5.0, 1e9, 0.3)], threshold=-20.0, copies=COPIES,
                threads=THREADS, by_section=True, coreneuron=core,
                library=library(cell, core))
        )  # fmt: skip
        rows.append(("CoreNEURON" if core else "NEURON", there.seconds, there.total_spikes))
    ceilings = measure(THREADS, 0.3)
    for dtype in ("float64", "float32"):
        seconds, spikes, phases = ours(cell, dtype)
        whole = sum(phase.cost.seconds for phase in phases)
        shares = [
            f"{phase.name} {phase.cost.seconds / whole:.0%} "
            f"({phase.cost.roofline_fraction(ceilings, dtype):.0%} of the roofline)"
            for phase in phases
            if phase.cost.seconds > 0.005 * whole
        ]
        rows.append((dtype, seconds, spikes, *shares))
    compare(name, len(cell.parent), rows, than=1)


def crossings(v, dt):
    """Where straight lines between steps cross -20 mV, as Arbor finds spikes."""
    k = np.flatnonzero((v[1:] > -20) & (v[:-1] <= -20))
    return (k + (-20 - v[k]) / (v[k + 1] - v[k])) * dt


def arbor(name):
    cell, catalogue, amplitude = joined(detailed_cell(name)), "", 0.3
    if name in BLUE_BRAIN:
        catalogue, amplitude = compile_catalogue(files_of(cell)), 0.8
    clamp, differences = (50.0, 400.0, amplitude), []
    for dt in (0.025, 0.00625):
        here = crossings(stepped(cell, clamp, 500.0, dt)[0], dt)
        there = run_on(
            on_arbor,
            job(cell, 500.0, dt=dt, clamps=[(0, *clamp)], threshold=-20.0, library=catalogue),
        )
        differences.append(f"{apart(here, there.spikes):.4f}")
    print(f"| {name} | {len(there.spikes)} | {len(here)} | {' | '.join(differences)} |", flush=True)
    rows = []
    for together in (1, 10, 50):
        asked = job(cell, MILLISECONDS, clamps=[(0, 5.0, 1e9, amplitude)], threshold=-20.0,
                    copies=COPIES, threads=THREADS, together=together,
                    library=catalogue)  # fmt: skip
        for _ in range(RUNS):
            there = run_on(on_arbor, asked)
            rows.append((f"Arbor, {together} a group", there.seconds, there.total_spikes))
    rows = [min(rows, key=lambda row: row[1])]
    rows += [(dtype, *ours(cell, dtype, amplitude)[:2]) for dtype in ("float64", "float32")]
    compare(name, len(cell.parent), rows)


def jaxley(name):
    cell = with_hodgkin_huxley(detailed_cell(name))
    clamp = (5.0, 1e9, 1.0)
    for dtype in ("float64", "float32"):
        v, here = stepped(cell, clamp, MILLISECONDS, dtype=dtype)
        asked = job(cell, MILLISECONDS, clamps=[(0, *clamp)], records=[0], threshold=-20.0,
                    copies=COPIES, threads=THREADS, dtype=dtype)  # fmt: skip
        there = run_on(on_jaxley, asked)
        error = v[: len(there.voltages[0])] - there.voltages[0][: len(v)]
        print(
            f"| {name} | {dtype} | {len(there.spikes)} | {len(here)} "
            f"| {apart(here, there.spikes):.3f} | {abs(error).max():.1e} |",
            flush=True,
        )
        compare(
            name,
            len(cell.parent),
            [
                (f"Jaxley, {dtype}", there.seconds, there.total_spikes),
                (dtype, *ours(cell, dtype, 1.0)[:2]),
            ],
        )


COMMANDS = {
    "check": (check, ()),
    "speed": (speed, SPEED),
    "arbor": (arbor, (*ALLEN, *BLUE_BRAIN)),
    "jaxley": (jaxley, ALLEN[-1:]),
    "events": (events, EVENTS),
    "memory": (lambda name: memory(name, library), SPEED),
}

if __name__ == "__main__":
    if sys.argv[1] == "growth":
        growth(*sys.argv[2:])
    else:
        command, cells = COMMANDS[sys.argv[1]]
        for cell_name in sys.argv[2:] or cells or installed_cells():
            command(cell_name)
