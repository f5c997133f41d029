"""Detailed cells' state in less memory: ratio against error, and synapses that do not fit.

python benchmarks/state.py ratio [CELLS]       each kind of state, and what an error does to spikes
python benchmarks/state.py disk                what the disk of this folder can do
python benchmarks/state.py outside [MB [CELLS [MS]]]    a column with so much memory for synapses

``outside`` runs in a memory cgroup of its own where one can be made (as root, cgroup v1), so that
the file's pages are not kept in memory that the run is said not to have.
"""

import hashlib
import mmap
import os
import sys
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np

from halfbrain.circuits.named.column import column
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.cable.records import CHUNK
from halfbrain.engine.cable.state import restore, state
from halfbrain.engine.packed import KINDS, Part, pack, unpack
from halfbrain.io.compressed import compress, decompress

BEFORE, AFTER = 0.3, 0.1  # s
ERRORS = 10.0 ** -np.arange(1, 13, 1)
SLACK = 64e6  # bytes that a run may take beside synapses: events, records, the interpreter's
DENDRITES = 4  # recorded compartments of a cell, beside the soma


def spikes_from(built, start):
    times, sources = built.simulation.spikes()
    late = times > start
    return [times[late & (sources == n)] for n in range(built.neurons)]


def moved(there, here, window=5.0):
    """Pairs' distances in ms, and how many spikes have no other within ``window``."""
    distances, alone = [], 0
    for one, other in zip(there, here, strict=True):
        i = j = 0
        while i < len(one) and j < len(other):
            if abs(one[i] - other[j]) <= window:
                distances.append(abs(one[i] - other[j]))
                i, j = i + 1, j + 1
            else:
                alone += 1
                i, j = (i + 1, j) if one[i] < other[j] else (i, j + 1)
        alone += len(one) - i + len(other) - j
    return np.array(distances), alone


def ratio(cells="100"):
    built = CableGroup(column(int(cells)), dtype="float64", threads=2)
    simulation, rng = built.simulation, np.random.default_rng(0)
    for n, cell in enumerate(simulation.cells):
        for compartment in rng.integers(0, len(cell.parent), DENDRITES):
            simulation.record(n, int(compartment))
        simulation.record(n, built.somata[n])
    print(f"{built.neurons} cells, {built.synapses} synapses, {built.build_seconds:.1f} s to build",
          flush=True)  # fmt: skip
    built.run(BEFORE)
    saved, windows, start = state(simulation), built._windows, simulation.step * simulation.dt
    sizes = Counter()
    for name, part in saved.items():
        kind = part.kind if name != "connections" else "connections"
        kind = "spikes and records so far" if name.startswith(("spikes/", "records/")) else kind
        sizes[kind] += part.array.nbytes
    for kind, size in sizes.items():
        print(f"| {kind} | {size / 1e6:.3f} |")
    lossless = compress(saved["connections"].array, 0.0)
    print(
        f"connections, bit for bit by zfp: {saved['connections'].array.nbytes / len(lossless):.2f}"
    )

    def again(parts):
        restore(simulation, parts)
        built._windows = windows
        built.run(AFTER)
        return spikes_from(built, start)

    there = again(saved)
    same = again(saved)
    assert all(np.array_equal(a, b) for a, b in zip(there, same, strict=True))
    records = [simulation.recorded(k)[-round(AFTER * 1e3 / simulation.dt) :]
               for k in range(len(simulation.records))]  # fmt: skip
    print(f"{sum(map(len, there))} spikes in {AFTER * 1e3:g} ms; rates "
          f"{sum(map(len, there)) / AFTER / built.neurons:.2f} Hz", flush=True)  # fmt: skip
    kinds = {k: [n for n, p in saved.items() if p.kind == k and n != "connections"] for k in KINDS}
    for error in ERRORS:
        begun = time.perf_counter()
        arrays, packed = pack(saved, float(error))
        seconds = time.perf_counter() - begun
        back = {n: Part(saved[n].kind, unpack(a, packed[n]) if n in packed else a)
                for n, a in arrays.items()}  # fmt: skip
        cells_ = []
        for names in kinds.values():
            before = sum(saved[n].array.nbytes for n in names)
            worst = max(
                abs(saved[n].array - back[n].array).max() / (abs(saved[n].array).max() or 1)
                for n in names
                if saved[n].array.size
            )
            cells_.append(f"{before / sum(arrays[n].nbytes for n in names):.1f} ({worst:.0e})")
        kept = [n for n in saved if not n.startswith(("spikes/", "records/"))]
        whole = sum(saved[n].array.nbytes for n in kept) / sum(arrays[n].nbytes for n in kept)
        distances, alone = moved(there, again(back))
        print(
            f"| {error:.0e} | {' | '.join(cells_)} | {whole:.1f} | {(distances > 1e-9).sum()} of "
            f"{len(distances)} | {distances.max(initial=0):.3f} | {alone} | "
            f"{sum(saved[n].array.nbytes for n in packed) / seconds / 1e6:.0f} MB/s |",
            flush=True,
        )
    for error in ERRORS[:9]:
        for what, of in (("float64", np.float64), ("float32", np.float32)):
            size = far = 0
            for values in records:
                chunk = values[:CHUNK].astype(of)
                stream = compress(chunk, float(error))
                size += len(stream)
                far = max(far, abs(decompress(stream, chunk.shape, chunk.dtype) - chunk).max())
            total = sum(v[:CHUNK].size for v in records) * np.dtype(of).itemsize
            print(f"| {error:.0e} mV | {what} | {total / size:.1f} | {far:.1e} |", flush=True)


def disk():
    """MB/s of 5 MB pieces, past the page cache, as the store reads and writes them."""
    size, pieces = 5 << 20, 100
    data = mmap.mmap(-1, size)  # begins at a page, as O_DIRECT wants
    data[:] = os.urandom(size)
    path = Path(f"disk-{os.getpid()}.bin")
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_DIRECT)
    try:
        for what, move in (("write", os.pwritev), ("read", os.preadv)):
            begun = time.perf_counter()
            for k in range(pieces):
                move(handle, [data], k * size)
            seconds = time.perf_counter() - begun
            print(f"{what}: {size * pieces / seconds / 1e6:.0f} MB/s", flush=True)
    finally:
        os.close(handle)
        path.unlink()


@contextmanager
def limited(limit):
    """What is allocated from now on, pages of files too, is at most so many bytes."""
    group = Path("/sys/fs/cgroup/memory") / f"halfbrain-state-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(int(limit)))
        (group / "cgroup.procs").write_text(str(os.getpid()))
    except OSError as error:
        print(f"no cgroup: {error}")
        yield None
        return
    try:
        yield group
    finally:
        (group.parent / "cgroup.procs").write_text(str(os.getpid()))
        group.rmdir()


def outside(megabytes="", cells="300", milliseconds="20"):
    memory = float(megabytes) * 1e6 if megabytes else None
    built = CableGroup(column(int(cells)), threads=2, synapse_memory=memory)
    simulation = built.simulation
    size = sum(u.memory.size for u in simulation.units) if memory else 0
    print(
        f"{cells} cells, {built.synapses} synapses, {len(simulation.units)} units, "
        f"{size / 1e6:.0f} MB, spikes exchanged every {simulation._network.steps} steps",
        flush=True,
    )
    with limited(memory + SLACK) if memory else nullcontext() as group:
        built.run(0.001)
        moved = simulation._memories.moved if memory else 0
        begun = time.perf_counter()
        built.run(float(milliseconds) / 1e3)
        seconds = time.perf_counter() - begun
        most = int((group / "memory.max_usage_in_bytes").read_text()) if group else 0
    moved = simulation._memories.moved - moved if memory else 0
    digest = hashlib.sha256(b"".join(a.tobytes() for a in simulation.spikes()))
    digest.update(b"".join(p.array.tobytes() for n, p in sorted(state(simulation).items())
                           if n not in ("ticks",)))  # fmt: skip
    print(
        f"| {megabytes or 'all'} | {seconds:.2f} s | read {moved / 1e6:.0f} MB, "
        f"{moved / seconds / 1e6:.0f} MB/s | most {most / 1e6:.0f} MB "
        f"| {digest.hexdigest()[:12]} |",
        flush=True,
    )


COMMANDS = {"ratio": ratio, "disk": disk, "outside": outside}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
