"""Checkpoints of detailed cells in less memory."""

import json
import zipfile

import numpy as np
import pytest

from halfbrain.engine import checkpoint
from halfbrain.engine.cable.state import Cells, state
from halfbrain.engine.packed import KINDS
from halfbrain.errors import RunError
from halfbrain.io import archive
from test_cable_checkpoint import built

pytest.importorskip("zfpy", reason="zfpy is not installed")


@pytest.fixture(scope="module")
def ran():
    simulation = built(cells=60)
    simulation.run(40.0)
    return simulation


@pytest.mark.parametrize("error", [1e-2, 1e-5, 1e-9])
def test_each_number_comes_back_within_the_error_and_in_its_range(ran, tmp_path, error):
    checkpoint.save(tmp_path / "whole", Cells(ran))
    checkpoint.save(tmp_path / "packed", Cells(ran), error=error)
    before, after = state(ran), checkpoint.load(tmp_path / "packed").parts
    assert before.keys() == after.keys()
    changed = set()
    for name, part in before.items():
        one, other = part.array, after[name].array
        assert (part.kind, one.dtype, one.shape) == (after[name].kind, other.dtype, other.shape)
        if part.kind == "exact" or name == "connections":
            assert np.array_equal(one, other)
        elif one.size:
            assert abs(one - other).max() <= error * abs(one).max()
            assert one.min() <= other.min()
            assert other.max() <= one.max()
            if (one != other).any():
                changed.add(part.kind)
    assert changed == set(KINDS)
    size = {name: (tmp_path / name).stat().st_size for name in ("whole", "packed")}
    assert size["packed"] < size["whole"]


def test_a_run_goes_on_from_a_compressed_checkpoint_nearly_as_it_was(ran, tmp_path):
    path = tmp_path / "packed"
    checkpoint.save(path, Cells(ran), error=1e-9)
    exact, other = built(cells=60), built(cells=60)
    exact.run(60.0)
    checkpoint.load(path).restore(Cells(other))
    other.run(20.0)
    (there, theirs), (here, ours) = exact.spikes(), other.spikes()
    assert np.array_equal(theirs, ours)
    assert abs(there - here).max() <= 0.025 + 1e-9
    v, w = exact.recorded(0), other.recorded(0)
    steps = round(40.0 / 0.025)
    assert np.array_equal(v[: steps + 1], w[: steps + 1])
    assert not np.array_equal(v, w)


def test_errors_are_for_each_kind(ran, tmp_path):
    path = tmp_path / "packed"
    checkpoint.save(path, Cells(ran), error={"gates": 1e-3})
    before, after = state(ran), checkpoint.load(path).parts
    assert np.array_equal(before["v"].array, after["v"].array)
    assert not np.array_equal(before["hh/m"].array, after["hh/m"].array)


def test_without_an_error_all_is_bit_for_bit(ran, tmp_path):
    path = tmp_path / "whole"
    checkpoint.save(path, Cells(ran))
    for name, part in checkpoint.load(path).parts.items():
        assert np.array_equal(part.array, state(ran)[name].array)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"colours": 0.1}, "no kind of state 'colours'; there are voltage, gates, concentrations"),
        ({"gates": -1.0}, "an error of gates is from 0 to 1, a share of the largest, not -1"),
        (float("nan"), "not nan"),
    ],
)
def test_an_error_that_is_none_is_refused(ran, tmp_path, error, message):
    with pytest.raises(RunError, match=message):
        checkpoint.save(tmp_path / "packed", Cells(ran), error=error)
    assert not list(tmp_path.iterdir())


def test_a_damaged_stream_is_a_line(ran, tmp_path):
    path = tmp_path / "packed"
    checkpoint.save(path, Cells(ran), error=1e-3)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    notes = json.loads(arrays.pop("notes").tobytes())
    wrong = "is no checkpoint of halfbrain, or a damaged one"
    for name, stream in (("v", arrays["v"][:40]), ("v", arrays["hh/m"][:0]), ("hh/m", arrays["v"])):
        archive.write(path, arrays | {name: stream}, notes)
        with pytest.raises(RunError, match=wrong):
            checkpoint.load(path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as inside:
        at = inside.getinfo("v.npy").header_offset + 200
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    with pytest.raises(RunError, match=wrong):
        checkpoint.load(path)
