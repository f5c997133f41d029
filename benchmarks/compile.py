"""Times how long a new model takes to compile, and to load once it is compiled.

    python benchmarks/compile.py

Each time is of a process of its own: from the circuit to a simulation that is ready, without
imports. The loop over steps, which all models share, is compiled once on a machine; that is the
first line.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

PROGRAM = """
import sys, time
from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.engine.point.group import PointGroup
circuit = named_circuit(sys.argv[1], scale=0.05)
start = time.perf_counter()
PointGroup(circuit, threads=1, dtype=sys.argv[2]).run(2e-3)
print(time.perf_counter() - start)
"""
CIRCUITS = ("cuba", "cobahh", "mbody", "microcircuit", "diehl-cook")
RUNS = 3


def taken(circuit, dtype, folder):
    """Seconds that one process needed, with kernels kept in ``folder``."""
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, circuit, dtype],
        env=os.environ | {"HALFBRAIN_CACHE": folder},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(found.stdout)


def main():
    with tempfile.TemporaryDirectory() as folder:
        print(f"first of all: {taken('cuba', 'float32', folder):.1f} s\n")
    print("| circuit | precision | new, s | compiled before, s |")
    print("|---|---|--:|--:|")
    for circuit in CIRCUITS:
        for dtype in ("float32", "float64"):
            new, again = [], []
            for _ in range(RUNS):
                with tempfile.TemporaryDirectory() as folder:
                    new.append(taken(circuit, dtype, folder))
                    again.append(taken(circuit, dtype, folder))
            print(
                f"| {circuit} | {dtype} | {statistics.median(new):.2f} "
                f"| {statistics.median(again):.2f} |"
            )


if __name__ == "__main__":
    main()
