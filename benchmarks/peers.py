"""halfbrain beside Brian2 and NEST on the same circuits, as a Markdown table.

    python benchmarks/peers.py [--python PYTHON] [--threads N] [ROW ...]

PYTHON is the interpreter that has the peers (default: this one), a ROW one of those below (default:
all). Every run is a process of its own, with two threads unless N says otherwise, by turns ours and
the peer's; the times are medians, without compiling. Rates are of the first run of each. On a busy
machine compare one thread with one: Brian2's threads wait for each other in every loop of a step,
so that it falls far behind where another program holds one of the cores.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.compare.compare import compare
from halfbrain.compare.job import Job
from halfbrain.compare.on_halfbrain import handed_on
from halfbrain.compare.runner import run_peer
from halfbrain.errors import RunError

RUNS = 3
# Peer, circuit, its size, biological seconds, precision, and how often the peer runs: where it
# builds for minutes, once.
ROWS = {
    "cobahh-4k": ("brian2", "cobahh", {"neurons": 4000}, 1.0, "float64", 3),
    "cobahh-4k-32": ("brian2", "cobahh", {"neurons": 4000}, 1.0, "float32", 3),
    "mbody": ("brian2", "mbody", {}, 1.0, "float64", 3),
    "mbody-32": ("brian2", "mbody", {}, 1.0, "float32", 3),
    "microcircuit": ("nest", "microcircuit", {"scale": 0.1}, 1.0, "float64", 3),
    "microcircuit-32": ("nest", "microcircuit", {"scale": 0.1}, 1.0, "float32", 3),
    "hpc-benchmark": ("nest", "hpc-benchmark", {"scale": 0.2}, 0.3, "float64", 3),
    "cobahh-100k": ("brian2", "cobahh", {"neurons": 100_000}, 0.1, "float64", 1),
    "cobahh-100k-32": ("brian2", "cobahh", {"neurons": 100_000}, 0.1, "float32", 1),
}


def measured(row, threads, python, folder):
    """A line of the table."""
    name, label, size, seconds, dtype, peer_runs = ROWS[row]
    circuit = named_circuit(label, seconds=seconds, **size)
    job = handed_on(Job(circuit, seconds, folder, threads=threads, dtype=dtype, seed=1))
    ours, theirs = [], []
    for turn in range(RUNS):
        ours.append(run_peer("halfbrain", job))
        if turn < peer_runs:
            theirs.append(run_peer(name, job, python=python))
    document = compare(circuit, ours[0], {name: theirs[0]})["runs"][1]
    agrees = "yes" if document["agrees"] else "no"
    if document["same_spikes"]:
        agrees = "yes, the same spikes"
    mine, other = (
        (median(r.build_seconds for r in runs), median(r.wall_seconds for r in runs) / seconds)
        for runs in (ours, theirs)
    )
    return (
        f"| {circuit.name} | {circuit.neurons:,} | {seconds:g} | {threads} | {ours[0].precision} "
        f"| {mine[0]:.2f} | {mine[1]:.3g} | {name} {theirs[0].version}, {theirs[0].precision} "
        f"| {other[0]:.2f} | {theirs[0].compile_seconds:.0f} | {other[1]:.3g} "
        f"| {other[1] / mine[1]:.2f} | {agrees} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    print(
        "| circuit | neurons | bio s | threads | ours | build s | RTF "
        "| peer | build s | compile s | RTF | peer's RTF / ours | rates agree |"
    )
    print("|---|--:|--:|--:|---|--:|--:|---|--:|--:|--:|--:|---|")
    for row in given.rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                print(measured(row, given.threads, given.python, Path(folder)), flush=True)
            except RunError as error:
                print(f"{row}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
