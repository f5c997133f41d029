"""A run of detailed cells that was cut short goes on from the command line, bit for bit."""

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from halfbrain.cli import app
from halfbrain.cli.run_detailed import checkpoint_of
from halfbrain.engine.cable.group import CableGroup
from halfbrain.engine.kept import Kept
from halfbrain.errors import RunError

RING = ["run", "ring", "--cells", "4", "--threads", "1", "--seed", "3"]


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words], standalone_mode=False)


def numbers(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, x: (
                found.update({name: x[()]})
                if isinstance(x, h5py.Dataset) and x.dtype.kind in "iuf"
                else None
            )
        )
    return found


@pytest.fixture
def cut_short(monkeypatch):
    """Ctrl-C after 20 ms, and a checkpoint at each look."""
    whole = CableGroup.run

    def run(self, seconds, between):
        def stop(at):
            between(at)
            if at > 0.02:
                raise KeyboardInterrupt

        whole(self, seconds, stop)

    monkeypatch.setattr("halfbrain.engine.kept.Kept.look", Kept.keep)
    monkeypatch.setattr(CableGroup, "run", run)
    return lambda: monkeypatch.setattr(CableGroup, "run", whole)


def test_it_goes_on_with_the_same_spikes(tmp_path, cut_short):
    part, out = tmp_path / "part.h5", tmp_path / "whole.h5"
    stopped = command(*RING, "--seconds", 0.12, "--out", part)
    assert stopped.return_value == 130  # as a shell has it after Ctrl-C
    assert checkpoint_of(part).exists()
    told = command("run", "--resume", part, "--seed", 4).exception
    assert isinstance(told, RunError)
    assert "its seed is 3, not 4" in str(told)
    cut_short()
    assert command("run", "--resume", part).exception is None
    assert not checkpoint_of(part).exists()
    assert command(*RING, "--seconds", 0.12, "--out", out).exception is None
    one, other = numbers(part), numbers(out)
    assert one.keys() == other.keys()
    assert any(name.endswith("timestamps") and len(x) > 8 for name, x in one.items())
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


def test_a_damaged_checkpoint_is_one_line(tmp_path, cut_short):
    part = tmp_path / "part.h5"
    command(*RING, "--seconds", 0.12, "--out", part)
    checkpoint_of(part).write_bytes(checkpoint_of(part).read_bytes()[:500])
    told = command("run", "--resume", part).exception
    assert isinstance(told, RunError)
    assert "damaged" in str(told)


def test_a_run_that_was_over_needs_more_time(tmp_path, cut_short):
    part = tmp_path / "part.h5"
    command(*RING, "--seconds", 0.12, "--out", part)
    told = command("run", "--resume", part, "--seconds", 0.01).exception
    assert "give more --seconds" in str(told)
