"""State in less memory: what comes back is within the error that was stated."""

import sys
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from halfbrain.engine.cable import record_file
from halfbrain.engine.cable.records import CHUNK, Records
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import RunError
from halfbrain.io.compressed import compress, decompress
from halfbrain.morphology.compartments import Placed
from hand_mechanisms import cylinder, exp2syn, hh, pas

pytest.importorskip("zfpy", reason="zfpy is not installed")


def floats(dtype):
    width = 8 * np.dtype(dtype).itemsize
    return arrays(dtype, array_shapes(max_dims=2, max_side=90), elements=st.floats(width=width))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(floats(np.float32), floats(np.float64)), st.sampled_from(10.0 ** -np.arange(-3, 20))
)
def test_any_numbers_come_back_within_the_error(numbers, error):
    back = decompress(compress(numbers, error), numbers.shape, numbers.dtype)
    assert back.shape == numbers.shape
    if np.isfinite(numbers).all():
        assert abs(np.subtract(back, numbers, dtype=np.longdouble)).max() <= error
    else:
        assert back.tobytes() == numbers.tobytes()


@settings(max_examples=100, deadline=None)
@given(st.one_of(floats(np.float32), floats(np.float64)))
def test_without_an_error_numbers_come_back_bit_for_bit(numbers):
    back = decompress(compress(numbers, 0.0), numbers.shape, numbers.dtype)
    assert back.tobytes() == numbers.tobytes()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, CHUNK + 900), min_size=1, max_size=6), st.integers(0, 1000))
def test_records_are_the_same_in_whatever_pieces_they_come(pieces, seed):
    rng = np.random.default_rng(seed)
    errors = [0.0, 0.1, 1e-6]
    numbers = rng.normal(size=(sum(pieces) + 1, 3)).cumsum(axis=0)
    records = Records(np.float64)
    for first, error in zip(numbers[0], errors, strict=True):
        records.column(first, error)
    for piece in np.split(numbers[1:], np.cumsum(pieces)[:-1]):
        records.add(piece)
    for column, error in enumerate(errors):
        values = records.values(column)
        assert values.shape == numbers[:, column].shape
        assert abs(values - numbers[:, column]).max() <= error


def spiking(errors, dtype="float64"):
    cell = cylinder(4, 80.0, 20.0, 100.0, [Placed(hh(), np.arange(4), {})])
    simulation = CableSimulation([cell] * 3, dtype=dtype)
    for k in range(3):
        simulation.current_clamp(k, 0, 5.0, 1e9, 0.5 + 0.1 * k)
    for error in errors:
        simulation.record(1, 2, error=error)
        simulation.record(2, 3, "m", 0, error=error / 100)
    simulation.run(250.0)
    return simulation


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_is_recorded_within_the_error_in_a_tenth_of_the_memory(dtype, tmp_path):
    errors = (0.0, 0.1, 1e-3)
    simulation = spiking(errors, dtype)
    values = [simulation.recorded(k) for k in range(6)]
    assert values[0].max() > 20  # it spikes
    for k in range(2, 6):
        exact, error = values[k % 2], simulation.records[k].error
        assert values[k].dtype == dtype
        assert values[k].shape == simulation.times.shape
        assert 0 < abs(np.subtract(values[k], exact, dtype=float)).max() <= error
    size = [
        sum(x.nbytes if isinstance(x, np.ndarray) else len(x) for x in r.chunks())
        for r in simulation.records
    ]
    assert size[0] > (10 if dtype == "float64" else 5) * size[2]
    assert size[2] < size[4] < size[0]
    path = tmp_path / "records.h5"
    record_file.write(path, simulation.records, simulation.dt)
    for k, found in enumerate(record_file.read(path)):
        whole = 1 + len(values[k]) // CHUNK * CHUNK
        assert np.array_equal(found.values[:whole], values[k][:whole])
        assert abs(np.subtract(found.values, values[k % 2], dtype=float)).max() <= found.error
        assert np.array_equal(found.times, simulation.times)
        assert (found.cell, found.place) == ((1, 2), (2, 3))[k % 2]
        assert (found.variable, found.mechanism) == (("v", None), ("m", 0))[k % 2]


def test_a_damaged_file_of_records_is_a_line(tmp_path):
    simulation = spiking((0.1,))
    path = tmp_path / "records.h5"
    record_file.write(path, simulation.records, simulation.dt)
    whole = path.read_bytes()
    with h5py.File(path) as file:
        at = file["records/0/data"].id.get_offset()
    for damaged in (
        b"", whole[: len(whole) // 2], b"\0" * 999,
        whole[: at + 40] + b"\xff" + whole[at + 41 :], whole[:at] + b"\0" * 16 + whole[at + 16 :],
    ):  # fmt: skip
        path.write_bytes(damaged)
        with pytest.raises(RunError, match=r"records\.h5: is no file of records, or a damaged one"):
            record_file.read(path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(RunError, match="holds no records of this version"):
        record_file.read(path)
    with pytest.raises(RunError, match="no such file"):
        record_file.read(tmp_path / "none")


def test_an_error_that_is_none_is_refused():
    simulation = CableSimulation([cylinder(1, 10.0, 10.0, 100.0, [])])
    with pytest.raises(RunError, match="error is 0 or more"):
        simulation.record(0, 0, error=-1.0)


def full_of_synapses(memory, folder, dtype="float64", threads=2):
    """24 cells of 3,000 synapses each that excite each other, each cell a unit of its own."""
    rng, each, cells = np.random.default_rng(1), 3000, 24
    synapse = exp2syn()

    def cell(k):
        values = {"tau2": rng.uniform(2, 5, each)}
        leaks = np.flatnonzero([(k + 1) >> bit & 1 for bit in range(5)])
        placed = [
            Placed(hh(), np.array([0]), {}),
            Placed(pas(), leaks, {}),  # where no other has them, so that no two cells go together
            Placed(synapse, rng.integers(0, 5, each), values),
        ]
        return cylinder(5, 60.0, 12.0, 100.0, placed)

    simulation = CableSimulation(
        [cell(k) for k in range(cells)], threads=threads, dtype=dtype,
        synapse_memory=memory, folder=folder,
    )  # fmt: skip
    for k in range(cells):
        simulation.detect(k)
    for _ in range(20):
        simulation.play(np.sort(rng.uniform(0, 15, 30)))
    n = cells * each
    at, place = np.repeat(np.arange(cells), each), np.tile(np.arange(each), cells)
    for own in np.split(rng.permutation(n), 4):
        simulation.connect_many(
            rng.integers(0, cells + 20, len(own)), at[own], 2, place[own],
            rng.uniform(0.4, 3.0, len(own)), rng.uniform(0, 1e-4, len(own)),
        )  # fmt: skip
    simulation.record(3, 0)
    return simulation


def mapped_bytes(simulation):
    """What is in memory of the mapped file."""
    start, inside = f"{simulation._memories.file._address:x}-", False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if line.startswith(start):
            inside = True
        elif inside and line.startswith("Rss:"):
            return 1024 * int(line.split()[1])
    raise AssertionError("the file is not mapped")


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_synapses_that_do_not_fit_in_memory_give_the_same_to_the_last_bit(dtype, tmp_path):
    inside = full_of_synapses(None, tmp_path, dtype)
    gauge = full_of_synapses(1e9, tmp_path, dtype)
    size = sum(region.size for region in gauge._memories._regions)
    del gauge
    bound = 0.2 * size
    outside = full_of_synapses(bound, tmp_path, dtype)
    slack = 1 << 19  # two units whose connections are sorted, in the first steps
    most, ended = [mapped_bytes(outside)], threading.Event()

    def watch():
        while not ended.wait(0.002):
            most.append(mapped_bytes(outside))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(3):
        inside.run(5.0)
        outside.run(5.0)
    ended.set()
    watcher.join()
    assert len(inside.spikes()[0]) > 20
    for ours, theirs in zip(outside.spikes(), inside.spikes(), strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(outside.recorded(0), inside.recorded(0))
    assert outside.received() == inside.received()
    assert size > bound + 2 * slack
    assert max(most) <= bound + slack
    assert outside._memories.moved > 3 * size


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_too_little_memory_for_synapses_is_a_line(tmp_path):
    with pytest.raises(RunError, match=r"more than the 0\.1 MB that were given; give more"):
        full_of_synapses(1e5, tmp_path)
    with pytest.raises(RunError, match="is in bytes, at least"):
        full_of_synapses(-1, tmp_path)
    with pytest.raises(RunError, match=r"none: No such file"):
        full_of_synapses(1e8, tmp_path / "none")
