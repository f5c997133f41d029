"""What this machine can do at most, measured: arithmetic, exponentials, memory, random access.

Each ceiling is the best of several runs of a kernel that does nothing else, compiled as the
engine's kernels are. They are ceilings of the code that Numba makes, not of the data sheet. A call
lasts some 10 ms, beside which the meeting of the threads is nothing.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen import exponential
from halfbrain.random.compiled import block_words

Array = NDArray[Any]

_LENGTH = 2048  # numbers in each thread's piece: it stays in the first cache
_CACHED = 256 * 1024  # bytes of a thread that stay in its second cache
_CHAIN = 8  # fused operations on a number, one after the other
_PRECISIONS: Mapping[str, type[np.floating[Any]]] = {"float32": np.float32, "float64": np.float64}


@dataclass(frozen=True)
class Ceilings:
    """What this machine reached with ``threads`` threads, by precision where it matters.

    ``draws_per_second`` are 32-bit words of Philox; ``cached_bytes_per_second`` is bandwidth in
    each thread's second-level cache, ``scattered_adds_per_second`` the rate of additions to random
    places there: what the delivery of spikes comes down to. ``cache_bytes`` is the largest cache,
    or 0 where the system does not say.
    """

    processor: str
    threads: int
    memory_bytes: int
    flop_per_second: Mapping[str, float]
    exp_per_second: Mapping[str, float]
    divisions_per_second: Mapping[str, float]
    draws_per_second: float
    bytes_per_second: float
    cached_bytes_per_second: float
    random_reads_per_second: float
    scattered_adds_per_second: float
    cache_bytes: int


@dataclass(frozen=True)
class Peak:
    """What arithmetic alone reached, in one precision, with ``threads`` threads."""

    processor: str
    threads: int
    flop_per_second: float


def most_threads() -> int:
    """How many threads Numba has: ``NUMBA_NUM_THREADS``, or all cores."""
    return int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]


def measure(
    threads: int | None = None,
    seconds: float = 1.0,
    progress: Callable[[str], None] = lambda name: None,
) -> Ceilings:
    """Measure every ceiling, about ``seconds`` each; ``progress`` is told what comes next.

    With no more threads than :func:`most_threads`.
    """
    before = numba.get_num_threads()
    threads = min(threads or before, most_threads())
    numba.set_num_threads(threads)
    try:
        flop, exp, divide = {}, {}, {}
        for name, dtype in _PRECISIONS.items():
            progress(f"arithmetic, {name}")
            flop[name] = _arithmetic(dtype, threads, seconds)
            progress(f"exponentials, {name}")
            exp[name] = _exponentials(dtype, threads, seconds)
            progress(f"divisions, {name}")
            divide[name] = _divisions(dtype, threads, seconds / 2)
        progress("random numbers")
        draws = _draws(threads, seconds / 2)
        progress("bandwidth")
        bandwidth = _bandwidth(min(64 * 2**20, _memory() // 64 // 8), 1, seconds)
        cached = _bandwidth(threads * _CACHED // 3 // 8, 4000, seconds / 2)
        progress("random access")
        reads = _random_reads(threads, seconds)
        adds = _scattered_adds(threads, seconds / 2)
    finally:
        numba.set_num_threads(before)
    return Ceilings(
        processor(), threads, _memory(), flop, exp, divide, draws, bandwidth, cached, reads, adds,
        _cache(),
    )  # fmt: skip


def peak(precision: str, threads: int | None = None, seconds: float = 1.0) -> Peak:
    """Measure the ceiling of arithmetic alone, of ``float32`` or ``float64``.

    With no more threads than :func:`most_threads`.
    """
    before = numba.get_num_threads()
    threads = min(threads or before, most_threads())
    numba.set_num_threads(threads)
    try:
        found = _arithmetic(_PRECISIONS[precision], threads, seconds)
    finally:
        numba.set_num_threads(before)
    return Peak(processor(), threads, found)


def _best(work: Callable[[], Any], seconds: float) -> float:
    """The shortest time of a call, after one that compiles."""
    work()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


@numba.njit(parallel=True, fastmath={"contract"})
def multiply_add(pieces: Array, a: np.floating[Any], b: np.floating[Any], times: int) -> None:
    """Eight fused operations on each number of each thread's piece, ``times`` over."""
    for p in numba.prange(pieces.shape[0]):
        x = pieces[p]
        for _ in range(times):
            for i in range(x.size):
                v = x[i]
                v = v * a + b
                v = v * a + b
                v = v * a + b
                v = v * a + b
                v = v * a + b
                v = v * a + b
                v = v * a + b
                v = v * a + b
                x[i] = v


@numba.njit(parallel=True)
def triad(a: Array, b: Array, c: Array, factor: float, times: int) -> None:
    """The triad of STREAM (McCalpin 1995), a = b + factor c, each thread on a row of its own."""
    for p in numba.prange(a.shape[0]):
        x, y, z = a[p], b[p], c[p]
        for _ in range(times):
            for i in range(x.size):
                x[i] = y[i] + factor * z[i]


@numba.njit(parallel=True, fastmath={"contract"}, error_model="numpy")
def divide(pieces: Array, a: np.floating[Any], times: int) -> None:
    """One division of each number of each thread's piece, ``times`` over."""
    for p in numba.prange(pieces.shape[0]):
        x = pieces[p]
        for _ in range(times):
            for i in range(x.size):
                x[i] = a / x[i]


@numba.njit(parallel=True)
def draw(out: Array, times: int) -> None:
    """Fill each thread's piece with random words, ``times`` over."""
    for p in numba.prange(out.shape[0]):
        for step in range(times):
            for block in range(out.shape[1]):
                block_words(out[p, block], block, step, p, np.uint64(1))


@numba.njit(parallel=True)
def scatter(sums: Array, places: Array) -> None:
    """Add to each thread's sums at given places, as the delivery of spikes does."""
    for p in numba.prange(places.shape[0]):
        own, at = sums[p], places[p]
        for i in range(at.size):
            word = at[i]
            own[np.uint64(word & np.uint32(0xFFFF))] += np.int32(word) >> np.int32(16)


@numba.njit(parallel=True)
def gather(table: Array, places: Array, sums: Array) -> None:
    """Read a table at independent random places, each thread its own."""
    for p in numba.prange(places.shape[0]):
        total = table.dtype.type(0)
        for i in range(places.shape[1]):
            total += table[places[p, i]]
        sums[p] = total


def _arithmetic(dtype: type[np.floating[Any]], threads: int, seconds: float) -> float:
    pieces, times = np.ones((threads, _LENGTH), dtype), 50_000
    a, b = dtype(0.999), dtype(0.001)
    taken = _best(lambda: multiply_add(pieces, a, b, times), seconds)
    return pieces.size * times * _CHAIN * 2 / taken


def _exponentials(dtype: type[np.floating[Any]], threads: int, seconds: float) -> float:
    exp, scale = exponential.functions(dtype)["exp"], dtype(-0.5)

    @numba.njit(parallel=True, fastmath=exponential.FASTMATH)
    def decays(pieces: Array, times: int) -> None:
        for p in numba.prange(pieces.shape[0]):
            x = pieces[p]
            for _ in range(times):
                for i in range(x.size):
                    x[i] = exp(x[i] * scale)

    pieces, times = np.ones((threads, _LENGTH), dtype), 10_000
    return pieces.size * times / _best(lambda: decays(pieces, times), seconds)


def _divisions(dtype: type[np.floating[Any]], threads: int, seconds: float) -> float:
    pieces, times = np.full((threads, _LENGTH), 3, dtype), 20_000
    return pieces.size * times / _best(lambda: divide(pieces, dtype(2), times), seconds)


def _draws(threads: int, seconds: float) -> float:
    out, times = np.zeros((threads, _LENGTH // 64, 64), np.uint32), 10_000
    return out.size * times / _best(lambda: draw(out, times), seconds)


def _bandwidth(size: int, times: int, seconds: float) -> float:
    # What is written is read first, as processors do.
    shape = numba.get_num_threads(), size // numba.get_num_threads()
    a, b, c = (np.full(shape, value) for value in (0.0, 1.0, 2.0))
    return 4 * a.nbytes * times / _best(lambda: triad(a, b, c, 3.0, times), seconds)


def _scattered_adds(threads: int, seconds: float) -> float:
    # Sums for 40,000 neurons a thread; places read in order from memory.
    drawn = np.random.default_rng(0).integers(0, 40_000, (threads, 2**22), dtype=np.uint32)
    places, sums = drawn | np.uint32(1 << 16), np.zeros((threads, 1 << 16), np.int32)
    return places.size / _best(lambda: scatter(sums, places), seconds)


def _random_reads(threads: int, seconds: float) -> float:
    size = min(256 * 2**20, _memory() // 32) // 4
    table = np.ones(size, np.float32)
    places = np.random.default_rng(0).integers(0, size, (threads, 2**20), dtype=np.int64)
    sums = np.zeros(threads, np.float32)
    return places.size / _best(lambda: gather(table, places, sums), seconds)


def processor() -> str:
    """The processor's name, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _cache() -> int:
    found = [0]
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        try:
            text = path.read_text("utf-8").strip()
        except OSError:
            continue
        if text.endswith("K") and text[:-1].isdigit():
            found.append(int(text[:-1]) * 1024)
    return max(found)
