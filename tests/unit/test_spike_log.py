"""The log of a run's spikes: whatever kills the run, what a checkpoint counted is there."""

import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from halfbrain.errors import RunError
from halfbrain.recording.spike_log import SpikeLog


def test_a_log_goes_on_where_a_checkpoint_left_it(tmp_path):
    generator, path = np.random.default_rng(1), tmp_path / "log"
    all_steps = np.sort(generator.integers(0, 20_000, 5000))
    all_neurons = generator.integers(0, 44, 5000)
    with SpikeLog(path) as log:
        log.append(all_steps[:3000], all_neurons[:3000])
        position = log.position
        log.append(all_steps[:500], all_neurons[:500])  # lost in the crash that follows
    with path.open("ab") as damaged:
        damaged.write(b"half a")
    with SpikeLog(path) as log:
        assert (position, len(log)) == (3000, 3500)
        log.truncate(position)
        log.append(all_steps[3000:], all_neurons[3000:])
        log.append([], [])
        steps, neurons = log.read()
        np.testing.assert_array_equal(steps, all_steps)
        np.testing.assert_array_equal(neurons, all_neurons)
        pieces = list(log.chunks(999))
        assert [len(piece[0]) for piece in pieces] == [999, 999, 999, 999, 999, 5]
        np.testing.assert_array_equal(np.concatenate([piece[1] for piece in pieces]), neurons)
        with pytest.raises(RunError, match=r"holds 5,000 spikes, but .* 5,001"):
            log.truncate(5001)
        log.truncate(0)
        assert len(log.read()[0]) == 0
    assert path.stat().st_size == 8


def test_a_log_holds_large_numbers_and_refuses_what_it_cannot_hold(tmp_path):
    with SpikeLog(tmp_path / "log") as log:
        log.append([2**62], [2**32 - 1])
        for steps, neurons in [([1], [2**32]), ([1], [-1]), ([1, 2], [1]), ([[1]], [[1]])]:
            with pytest.raises(ValueError, match=r"neuron"):
                log.append(steps, neurons)
        assert [array.tolist() for array in log.read()] == [[2**62], [2**32 - 1]]


def test_a_log_survives_kill(tmp_path):
    program = """
        import os, signal, sys
        from pathlib import Path
        from halfbrain.recording.spike_log import SpikeLog
        log = SpikeLog(Path(sys.argv[1]))
        log.append(range(1000), range(1000))
        print(log.position, flush=True)
        log.append(range(70_000), range(70_000))
        log.append([7], [7])
        os.kill(os.getpid(), signal.SIGKILL)
    """
    path = tmp_path / "log"
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == -signal.SIGKILL, found.stderr
    with SpikeLog(path) as log:
        log.truncate(int(found.stdout))
        assert log.read()[0].tolist() == list(range(1000))


def test_a_log_never_overwrites_another_file(tmp_path):
    path = tmp_path / "thesis.txt"
    path.write_bytes(b"ten years of work")
    with pytest.raises(RunError, match="no spike log"):
        SpikeLog(path)
    assert path.read_bytes() == b"ten years of work"
    (tmp_path / "begun").write_bytes(b"hbsp")  # killed while the file was begun
    assert len(SpikeLog(tmp_path / "begun")) == 0
    with pytest.raises(RunError, match="cannot open"):
        SpikeLog(tmp_path / "nowhere" / "log")
