"""A run that is killed, interrupted or resumed keeps what it had, and goes on bit for bit."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from command import halfbrain
from halfbrain.engine import checkpoint
from halfbrain.engine.point.session import Session, checkpoint_of
from halfbrain.errors import RunError
from halfbrain.io import sonata_file as sonata
from long_run import built

RUN = ("run", "cuba", "--neurons", "200", "--threads", "1", "--record", "E.v:2")


def wait_until(happened, process, seconds=120.0):
    end = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


def stamp(path):
    return path.stat().st_mtime_ns if path.exists() else 0


def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    out, random = tmp_path / "run.h5", np.random.default_rng()
    steps = [0]
    for _ in range(2):
        before = stamp(checkpoint_of(out))
        process = subprocess.Popen(
            [sys.executable, Path(__file__).parents[1] / "helpers" / "long_run.py", out],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        wait_until(lambda before=before: stamp(checkpoint_of(out)) != before, process)
        time.sleep(random.uniform(0, 0.4))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        saved = checkpoint.load(checkpoint_of(out))
        steps.append(int(saved.parts["step"].array[0]))
    # The second run began where the first one was cut off.
    assert 0 < steps[1] < steps[2]
    until = (steps[2] + 4000) * 1e-4
    resumed, whole = Session(built(1), out, {}, saved), Session(built(3), tmp_path / "w.h5", {})
    resumed.run(until)
    whole.run(until)
    np.testing.assert_array_equal(resumed.counts, whole.counts)
    assert whole.counts.sum() > 500
    assert resumed.rates == whole.rates
    weights = [s.simulation.connections(0).weights for s in (resumed, whole)]
    np.testing.assert_array_equal(*weights)
    found, wanted = sonata.read(out), sonata.read(tmp_path / "w.h5")
    np.testing.assert_array_equal(found.spikes.steps, wanted.spikes.steps)
    np.testing.assert_array_equal(found.spikes.neurons, wanted.spikes.neurons)
    assert out.read_bytes() == (tmp_path / "w.h5").read_bytes()
    # Nothing of an unfinished run is left.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.h5", "w.h5"]


def test_work_done_for_a_checkpoint_is_counted(tmp_path):
    # Between checkpoints or not, the rule is applied to each synapse for each spike.
    often, once = built(2), built(2)
    for _ in range(3):
        often.run(0.1)
        checkpoint.save(tmp_path / "c", often, {})
    once.run(0.3)
    once.connections(0)
    counts = [s.events.sum(axis=0) for s in (often, once)]
    assert counts[1][:, 1].sum() > 300
    np.testing.assert_array_equal(*counts)
    resumed = built(1)
    checkpoint.load(tmp_path / "c").restore(resumed)
    np.testing.assert_array_equal(resumed.events.sum(axis=0), counts[1])


def test_ctrl_c_keeps_what_was_recorded_and_the_run_goes_on(tmp_path):
    out = tmp_path / "run.h5"
    log = tmp_path / "run.h5.spikes"
    process = subprocess.Popen(
        [sys.executable, "-m", "halfbrain", *RUN, "--seconds", "100000", "--out", out, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: log.exists() and log.stat().st_size > 5000, process)
    process.send_signal(signal.SIGINT)
    printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert printed[0] == ""
    assert printed[1].count("\n") == 1
    assert f"--resume {out} goes on" in printed[1]
    found = sonata.read(out)
    seconds = found.spikes.seconds
    assert len(found.spikes.steps) > 400
    (report,) = found.reports
    assert len(report.data) == pytest.approx(seconds / 1e-3, abs=1)
    drawn = halfbrain("plot", out, "--to", "0.2")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "run.png").stat().st_size > 1000

    wrong = halfbrain("run", "--resume", out, "--seed", "5")
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1
    assert "its seed is 1, not 5" in wrong.stderr
    past = halfbrain("run", "--resume", out, "--seconds", "0.0001")
    assert past.returncode == 2
    assert past.stderr.count("\n") == 1
    assert "already at" in past.stderr
    np.testing.assert_array_equal(sonata.read(out).spikes.steps, found.spikes.steps)

    until = f"{seconds + 0.1:.4f}"
    more = halfbrain("run", "--resume", out, "--seconds", until, "--json")
    assert more.returncode == 0, more.stderr
    document = json.loads(more.stdout)
    assert document["bio_seconds"] == pytest.approx(float(until))
    whole = halfbrain(*RUN, "--seconds", until, "--out", tmp_path / "whole.h5", "--json")
    assert whole.returncode == 0, whole.stderr
    same = ("spikes", "events", "flop", "operations", "population_rates_hz")
    wanted = json.loads(whole.stdout)
    assert {key: document[key] for key in same} == {key: wanted[key] for key in same}
    assert out.read_bytes() == (tmp_path / "whole.h5").read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such checkpoint"),
        (b"", "is no checkpoint of halfbrain, or a damaged one"),
        (b"PK\x03\x04 and then nothing", "is no checkpoint of halfbrain, or a damaged one"),
    ],
)
def test_resuming_what_is_no_run_is_one_line(tmp_path, content, message):
    out = tmp_path / "run.h5"
    if content is not None:
        checkpoint_of(out).write_bytes(content)
    found = halfbrain("run", "--resume", out)
    assert found.returncode == 2
    assert found.stderr.count("\n") == 1
    assert message in found.stderr


def test_a_checkpoint_of_another_kind_of_run_is_one_line(tmp_path):
    # As Python code may save one: it has no recipe for the command line.
    session = Session(built(1), tmp_path / "run.h5", {})
    session.simulation.run(1e-3)
    session.save()
    found = halfbrain("run", "--resume", tmp_path / "run.h5")
    assert found.returncode == 2, found.stderr
    assert found.stderr.count("\n") == 1
    assert "command line" in found.stderr


def test_a_session_that_is_at_its_end_says_so():
    session = Session(built(1), None, {})
    session.run(0.01)
    with pytest.raises(RunError, match=r"already at 0\.01 s"):
        session.run(0.01)


def test_the_document_and_the_table_of_a_run():
    found = halfbrain(*RUN, "--seconds", "0.05", "--json")
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    assert document.keys() >= {
        "circuit", "neurons", "synapses", "bio_seconds", "build_seconds", "wall_seconds",
        "real_time_factor", "spikes", "mean_rate_hz", "population_rates_hz", "operations", "flop",
        "bytes", "events", "flop_per_neuron_bio_second", "phases", "peak_memory_bytes", "seed",
        "machine",
    }  # fmt: skip
    for phase in document["phases"]:
        assert phase.keys() >= {"name", "wall_seconds", "flop", "bytes", "roofline_fraction"}
    assert document["neurons"] == 200
    assert document["seed"] == 1
    assert document["bio_seconds"] == pytest.approx(0.05)
    assert document["flop"] == sum(phase["flop"] for phase in document["phases"])
    assert document["real_time_factor"] == pytest.approx(document["wall_seconds"] / 0.05)
    assert document["flop_per_neuron_bio_second"] == pytest.approx(document["flop"] / 200 / 0.05)
    assert document["mean_rate_hz"] == pytest.approx(document["spikes"] / 200 / 0.05)
    table = halfbrain(*RUN, "--seconds", "0.05")
    assert table.returncode == 0, table.stderr
    assert table.stderr == ""
    assert max(map(len, table.stdout.splitlines())) <= 80
    assert "…" not in table.stdout


def test_a_long_step_needs_no_recording_and_a_long_time_is_named(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(
        'dt = "2 ms"\n[populations.p]\nsize = 2\nequations = "dv/dt = -v/(100*ms) : volt"\n'
    )
    found = halfbrain("run", path, "--threads", "1", "--seconds", "0.1", "--json")
    assert found.returncode == 0, found.stderr
    assert found.stderr == ""
    out = tmp_path / "o.h5"
    found = halfbrain("run", path, "--seconds", "0.1", "--record", "p.v:2", "--out", out, "--json")
    assert found.returncode == 0, found.stderr
    (report,) = sonata.read(out).reports
    assert (report.step, len(report.data)) == (pytest.approx(2e-3), 50)
    found = halfbrain("run", path, "--threads", "1", "--seconds", "0.003", "--json")
    assert "3 ms is 1.5 time steps of 2 ms; it is taken as 2" in found.stderr
    assert json.loads(found.stdout)["bio_seconds"] == pytest.approx(4e-3)
    for given, said in (
        (("--seconds", "1e300"), "must be at most 10,000,000"),
        (("--seconds", "0.0004"), "0.4 ms is less than half a time step of 2 ms"),
        (("--threads", "100000"), "100,000 threads: a simulation has 1 to"),
    ):
        found = halfbrain("run", path, *given)
        assert (found.returncode, found.stderr.count("\n")) == (2, 1)
        assert said in found.stderr
