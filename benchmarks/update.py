"""Times the update of a Hodgkin-Huxley neuron (COBAHH) against libm and the roofline.

    python benchmarks/update.py

One thread. The roofline is this machine's measured rate of fused operations, with exponentials at
their own measured rate.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numba
import numpy as np

from halfbrain.codegen.kernel import BLOCK, FASTMATH, loop, scalar_function
from halfbrain.equations.equations import equations
from halfbrain.equations.integrate import integrate
from halfbrain.metering.ceilings import measure
from halfbrain.program.cost import Cost
from halfbrain.program.instructions import lower

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from test_dynamics import CONSTANTS, HODGKIN_HUXLEY, START

NEURONS, STEPS, RUNS = 4096, 200, 7


def seconds(action):
    """The median time of ``RUNS`` calls, after one that is not counted."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def per_step(step, state):
    """Seconds for one step of one neuron."""
    return seconds(lambda: [step(state) for _ in range(STEPS)]) / STEPS / NEURONS


def with_libm(program, dtype):
    """The same program with libm's exp, a number at a time, on plain arrays."""
    step = numba.njit(fastmath=FASTMATH, error_model="numpy")(
        scalar_function(program, number=dtype)
    )

    @numba.njit(fastmath=FASTMATH, error_model="numpy")
    def run(rows):
        a, b, c, d, e, f = rows
        for i in range(a.size):
            v, m, n, h, ge, gi = step(a[i], b[i], c[i], d[i], e[i], f[i])
            a[i], b[i], c[i], d[i], e[i], f[i] = ge, gi, h, m, n, v

    return run


def main():
    model = equations(HODGKIN_HUXLEY, CONSTANTS)
    program = lower(integrate(model, 1e-4, "exponential-euler"))
    one = Cost(program.count(), bytes=0)  # the state of these neurons stays in the cache
    ceilings = measure(threads=1)
    print(
        f"{dict(one.operations)}\n{one.flop} FLOP a neuron-step, with an exp or a division as one\n"
    )
    print("| precision | ns a neuron-step | with libm, ns | ratio | GFLOP/s | of the roofline |")
    print("|---|--:|--:|--:|--:|--:|")
    assert program.inputs == ("ge", "gi", "h", "m", "n", "v")
    assert tuple(program.outputs) == ("v", "m", "n", "h", "ge", "gi")
    for dtype in (np.float32, np.float64):
        rows = np.array([START[name] for name in program.inputs], dtype)
        blocks = np.repeat(np.repeat(rows[None, :, None], NEURONS // BLOCK, 0), BLOCK, 2)
        plain = tuple(np.full(NEURONS, value, dtype) for value in rows)
        ours = per_step(loop(program, dtype), blocks)
        theirs = per_step(with_libm(program, dtype), plain)
        print(
            f"| {dtype.__name__} | {ours * 1e9:.2f} | {theirs * 1e9:.1f} | {theirs / ours:.1f} "
            f"| {one.flop / ours / 1e9:.1f} "
            f"| {one.roofline_seconds(ceilings, dtype.__name__) / ours:.0%} |"
        )


if __name__ == "__main__":
    main()
