"""Detailed cells: every installed one against NEURON, and a hundred against their opponents.

python benchmarks/cable.py check [CELL ...]    voltages and spikes against NEURON's
python benchmarks/cable.py speed [CELL ...]    beside NEURON and CoreNEURON
python benchmarks/cable.py arbor [CELL ...]    spikes and time beside Arbor
python benchmarks/cable.py events              what an event takes
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from halfbrain.cells.compartments import Placed
from halfbrain.cells.detailed.installed import detailed_cell, installed_cells
from halfbrain.dynamics.nmodl import read_mechanism
from halfbrain.engine.cable.loop import PHASE_NAMES
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.peers import on_arbor
from halfbrain.peers.cable_job import files_of, job
from halfbrain.peers.on_neuron import compile_mechanisms, run

SPEED = ("allen-472363762", "sscx-cADpyr_L4UPC")
ARBOR = ("allen-472363762", "allen-473862421")
COPIES, THREADS, MILLISECONDS = 100, 2, 50.0


def library(name, cell, coreneuron):
    kind = "coreneuron" if coreneuron else "neuron"
    into = Path(user_cache_path("halfbrain")) / "nrnivmodl" / f"{name}-{kind}"
    return compile_mechanisms(files_of(cell), into, coreneuron=coreneuron)


def check(name):
    cell = detailed_cell(name)
    amplitude = 0.8 if name.startswith(("sscx", "synplas")) else 0.3
    simulation = CableSimulation([cell])
    simulation.current_clamp(0, 0, 50.0, 400.0, amplitude)
    soma = simulation.record(0, 0)
    simulation.detect(0, 0, -20.0)
    simulation.run(500.0)
    there = run(
        job(cell, 500.0, clamps=[(0, 50.0, 400.0, amplitude)], records=[0], threshold=-20.0,
            library=library(name, cell, False))
    )  # fmt: skip
    error = simulation.recorded(soma) - there.voltages[0]
    here = simulation.spikes()[0]
    same = len(here) == len(there.spikes)
    worst = abs(here - there.spikes).max(initial=0) / 0.025 if same else np.nan
    print(
        f"| {name} | {len(cell.parent)} | {len(there.spikes)} | {len(here)} | {worst:.2f} "
        f"| {np.sqrt(np.mean(error**2)):.1e} | {abs(error).max():.1e} |",
        flush=True,
    )


def ours(cell, dtype, milliseconds):
    simulation = CableSimulation([cell] * COPIES, dtype=dtype, threads=THREADS)
    for number in range(COPIES):
        simulation.current_clamp(number, 0, 5.0, 1e9, 0.3)
        simulation.detect(number, 0, -20.0)
    simulation.run(1.0)
    start = time.perf_counter()
    simulation.run(milliseconds - 1.0)
    seconds = (time.perf_counter() - start) / (milliseconds - 1.0)
    ticks = simulation.ticks / simulation.ticks.sum()
    return seconds, len(simulation.spikes()[0]), dict(zip(PHASE_NAMES.values(), ticks, strict=True))


def speed(name):
    cell = detailed_cell(name)
    per = COPIES * len(cell.parent) / 0.025  # compartment-steps a millisecond
    rows = []
    for core in (False, True):
        there = run(
            job(cell, MILLISECONDS, clamps=[(0, 5.0, 1e9, 0.3)], threshold=-20.0, copies=COPIES,
                threads=THREADS, by_section=True, coreneuron=core,
                library=library(name, cell, core))
        )  # fmt: skip
        rows.append(("CoreNEURON" if core else "NEURON", there.seconds, there.total_spikes, {}))
    for dtype in ("float64", "float32"):
        rows.append((dtype, *ours(cell, dtype, MILLISECONDS)))
    for what, seconds, spikes, shares in rows:
        split = ", ".join(f"{k} {v:.0%}" for k, v in shares.items() if v > 0.005)
        print(
            f"| {name} | {what} | {seconds / per * 1e9:.2f} | {rows[1][1] / seconds:.2f} "
            f"| {spikes} | {split} |",
            flush=True,
        )


def arbor(name):
    cell = detailed_cell(name)
    for dt in (0.025, 0.00625):
        simulation = CableSimulation([cell], dt)
        simulation.current_clamp(0, 0, 50.0, 400.0, 0.3)
        soma = simulation.record(0, 0)
        simulation.run(500.0)
        there = on_arbor.run(
            job(cell, 500.0, dt=dt, clamps=[(0, 50.0, 400.0, 0.3)], threshold=-20.0)
        )
        v = simulation.recorded(soma)
        k = np.flatnonzero((v[1:] > -20) & (v[:-1] <= -20))
        here = (k + (-20 - v[k]) / (v[k + 1] - v[k])) * dt  # as Arbor finds them
        same = len(here) == len(there.spikes)
        worst = abs(here - there.spikes).max(initial=0) if same else np.nan
        print(f"| {name} | {dt} | {len(there.spikes)} | {len(here)} | {worst:.4f} |", flush=True)
    rows = []
    for together in (1, 10, 50):
        asked = job(cell, MILLISECONDS, clamps=[(0, 5.0, 1e9, 0.3)], threshold=-20.0,
                    copies=COPIES, threads=THREADS, together=together)  # fmt: skip
        there = on_arbor.run(asked)
        rows.append((f"Arbor, {together} a group", there.seconds, there.total_spikes))
    rows = [min(rows, key=lambda row: row[1])]
    rows += [(dtype, *ours(cell, dtype, MILLISECONDS)[:2]) for dtype in ("float64", "float32")]
    compare(name, len(cell.parent), rows)


def compare(name, compartments, rows):
    """Print what, seconds a millisecond and spikes; the first is the opponent."""
    per = COPIES * compartments / 0.025
    for what, seconds, spikes in rows:
        print(
            f"| {name} | {what} | {seconds / per * 1e9:.2f} | {rows[0][1] / seconds:.2f} "
            f"| {spikes} |",
            flush=True,
        )


def events(name):
    """Nanoseconds an event: the whole of it, and in the compiled loop (one thread)."""
    cells, synapses, rate = map(int, name.split(","))
    milliseconds = 100.0
    placed = Placed(read_mechanism(DECAYING), np.zeros(synapses, np.int64), {})
    cell = replace(detailed_cell("allen-472363762"), placed=(placed,))
    taken = []
    for factor in (0, 1):
        simulation = CableSimulation([cell] * cells, threads=1)
        rng = np.random.default_rng(1)
        sources = simulation.sources(cells)
        n = cells * synapses
        place = np.tile(np.arange(synapses), cells)
        simulation.connect_many(
            sources + rng.integers(0, cells, n), np.repeat(np.arange(cells), synapses), 0, place,
            rng.uniform(0.5, 5.0, n), 1e-6,
        )  # fmt: skip
        for k in range(cells):
            spikes = rng.poisson(rate * milliseconds / 1e3 * factor)
            simulation.tell(sources + k, rng.uniform(0, milliseconds, spikes))
        simulation.run(milliseconds)
        deliver = simulation.wall_seconds * simulation.ticks[0] / simulation.ticks.sum()
        taken.append((simulation.wall_seconds, deliver))
    count = sum(n for _, n in simulation.received())
    whole, loop = ((b - a) / count * 1e9 for a, b in zip(*taken, strict=True))
    print(f"| {cells} | {synapses} | {rate} | {count} | {whole:.0f} | {loop:.0f} |", flush=True)


DECAYING = """
NEURON { POINT_PROCESS Decaying RANGE g, tau NONSPECIFIC_CURRENT i }
PARAMETER { tau = 5 }
ASSIGNED { v i }
STATE { g }
INITIAL { g = 0 }
BREAKPOINT { SOLVE fade METHOD cnexp i = g*v }
DERIVATIVE fade { g' = -g/tau }
NET_RECEIVE(weight) { g = g + weight }
"""
EVENTS = ("100,1000,10", "100,1000,100", "500,1000,10")
COMMANDS = {"check": (check, ()), "speed": (speed, SPEED), "arbor": (arbor, ARBOR)}
COMMANDS["events"] = events, EVENTS

if __name__ == "__main__":
    command, cells = COMMANDS[sys.argv[1]]
    for name in sys.argv[2:] or cells or installed_cells():
        command(name)
