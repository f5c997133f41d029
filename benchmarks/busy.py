"""Two threads that wait for each other, on a quiet machine and beside a busy process.

    python benchmarks/busy.py [OTHER_SRC]

Real-time factors of the microcircuit at a tenth of its size. Each turn runs all once, one after the
other, so that whatever else the machine does, it does to all; medians of the turns. OTHER_SRC is
the folder ``src`` of another version of halfbrain, which is run by turns with this one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from contextlib import ExitStack, contextmanager

_TURNS = 5
_SCALE = 0.1
_SECONDS = 0.2
_BUSY = "while True: pass"


def serve(threads):
    """Run a slice for each line that comes in, and say the real-time factor."""
    from halfbrain.circuits.named.microcircuit import microcircuit
    from halfbrain.engine.point.group import PointGroup

    simulation = PointGroup(microcircuit(_SCALE), seed=1, threads=threads)
    simulation.run(_SECONDS)
    for _ in sys.stdin:
        before = simulation.wall_seconds
        simulation.run(_SECONDS)
        print((simulation.wall_seconds - before) / _SECONDS, flush=True)


@contextmanager
def beside(processes):
    """Meanwhile other processes do nothing as fast as they can."""
    others = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def main():
    versions = {"this": None} | {path: path for path in sys.argv[1:]}
    with ExitStack() as open_:
        workers = {}
        for name, path in versions.items():
            for threads in (1, 2):
                worker = subprocess.Popen(
                    [sys.executable, __file__, "serve", str(threads)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=os.environ | ({"PYTHONPATH": path} if path else {}),
                )
                open_.callback(worker.wait)
                open_.callback(worker.stdin.close)
                workers[name, threads] = worker
        found = {}
        for _ in range(1 + _TURNS):
            for busy in (0, 1, 2):
                with beside(busy):
                    for (name, threads), worker in workers.items():
                        worker.stdin.write("\n")
                        worker.stdin.flush()
                        rtf = float(worker.stdout.readline())
                        found.setdefault((name, threads, busy), []).append(rtf)
    print("| version | threads | busy processes | RTF | of the quiet one |")
    print("|---|--:|--:|--:|--:|")
    for (name, threads, busy), all_ in found.items():
        rtf = statistics.median(all_[1:])
        quiet = statistics.median(found[name, threads, 0][1:])
        print(f"| {name} | {threads} | {busy} | {rtf:.3f} | {rtf / quiet:.2f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
