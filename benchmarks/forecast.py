"""Times the forecast: 100,000 draws of all contenders, and the whole command.

    python benchmarks/forecast.py

Prints medians of several runs, and peak memory, beside the budgets: draws in under 2 s, the answer
on the screen in under 10 s (the page is written after it) and 500 MB, the page under 1.2 MB.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from halfbrain.contenders.registry import contenders
from halfbrain.facts.draws import Draws
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.sensitivity import sobol
from halfbrain.report import page

RUNS = 7


def median(action):
    """The median time of ``RUNS`` calls, after one that is not counted."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def draw_all(n):
    scenario, draws = load_scenario(), Draws(n, 1)
    for name in contenders():
        result = forecast(name, scenario)
        for quantity in ("flop", "flop_per_neuron_second", "memory", "bytes_moved"):
            Spread.of(result.quantity(quantity), draws)


def index_all():
    for name in contenders():
        sobol(forecast(name, load_scenario()).flop, 1)


def command():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "halfbrain", "estimate"],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )


def answer():
    """Until the table stands there; the page is still to be written."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-u", "-m", "halfbrain", "estimate"]
        with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
            next(line for line in process.stdout if line.startswith("blue-brain"))
            process.kill()


def main():
    processor = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    print(f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    html = page.render(load_scenario(), contenders(), 100_000, 1)
    rows = [
        ("100,000 draws of all contenders, s", median(lambda: draw_all(100_000)), 2),
        ("Sobol indices of all contenders, s", median(index_all), None),
        ("halfbrain estimate, to the answer, s", median(answer), 10),
        ("the same with its page, s", median(command), None),
        (
            "peak memory of the command, MB",
            resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
            500,
        ),
        ("the page, MB", len(html.encode()) / 1e6, 1.2),
    ]
    print(f"| {'what':38} | median | budget | share |\n|{'-' * 40}|-------:|-------:|------:|")
    for name, value, budget in rows:
        share = f"{value / budget:.0%}" if budget else ""
        print(f"| {name:38} | {value:6.2f} | {budget or '':6} | {share:>5} |")


if __name__ == "__main__":
    main()
