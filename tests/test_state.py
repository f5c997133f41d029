"""State in less memory: what comes back is within the error that was stated."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from halfbrain.cells.compartments import Placed
from halfbrain.engine.cable import record_file
from halfbrain.engine.cable.records import CHUNK, Records
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.compressed import compress, decompress
from halfbrain.errors import RunError
from hand_mechanisms import cylinder, hh

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
