"""halfbrain compare: the whole command, and COBAHH against Brian2 spike for spike.

``HALFBRAIN_PEERS_PYTHON`` names an interpreter that has the peers, if it is not this one.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import halfbrain
from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.cli import app
from halfbrain.compare.job import Job, PeerResult
from halfbrain.compare.on_halfbrain import handed_on
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import HalfbrainError
from halfbrain.processes.message import read, write

PYTHON = os.environ.get("HALFBRAIN_PEERS_PYTHON", sys.executable)
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(halfbrain.__file__).parents[1])}

SMALL = ("cuba", "--neurons", "200", "--seconds", "0.05", "--threads", "1")


def called(*words):
    """What the command raised, or printed."""
    found = CliRunner().invoke(app, ["compare", *words], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where the command puts its temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def stand_in(tmp_path_factory):
    """An interpreter on which `brian2` is our own engine, and `nest` crashes."""
    path = tmp_path_factory.mktemp("bin") / "python"
    path.write_text(
        "#!/bin/sh\n"
        '[ "$4" = halfbrain.compare.on_nest ] && { echo out of luck; exit 7; }\n'
        f'exec {sys.executable} "$1" "$2" "$3" halfbrain.compare.on_halfbrain "$5"\n'
    )
    path.chmod(0o755)
    return str(path)


def test_a_peer_that_is_our_own_engine_has_the_same_spikes(
    temporary, stand_in, tmp_path_factory, monkeypatch
):
    # What lies in the user's folder is not taken for a module of Python's.
    monkeypatch.chdir(tmp_path_factory.mktemp("folder"))
    Path("random.py").write_text("raise SystemExit('this is not the one')\n")
    words = (*SMALL, "--seed", "3", "--with", "brian2")
    document = json.loads(called(*words, "--python", stand_in, "--json"))
    ours, other = document["runs"]
    simulation = PointGroup(named_circuit("cuba", neurons=200), seed=3, threads=1, dtype="float64")
    simulation.run(0.05)
    assert len(simulation.spikes.of("E")[0]) > 20
    for run in (ours, other):
        assert run["populations"][0]["rate"] == pytest.approx(
            len(simulation.spikes.of("E")[0]) / 160 / 0.05
        )
    assert other["same_spikes"]
    assert (ours["precision"], document["neurons"]) == ("float64", 200)
    assert not list(temporary.iterdir())


def test_a_peer_that_crashes_is_a_line_and_its_output_stays(temporary, stand_in):
    words = (*SMALL, "--with", "brian2,nest")
    document = json.loads(called(*words, "--python", stand_in, "--json"))
    assert [run["failed"] is None for run in document["runs"]] == [True, True, False]
    line = document["runs"][2]["failed"]
    assert line.startswith("nest: ended with exit status 7; out of luck")
    kept = [path for path in temporary.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["output.txt"]
    assert str(kept[0]) in line
    assert "out of luck" in called(*words, "--python", stand_in)


def test_where_no_peer_has_a_result_the_status_says_so(temporary, stand_in):
    words = ("compare", *SMALL, "--with", "nest", "--python", stand_in)
    found = CliRunner().invoke(app, words, standalone_mode=False)
    assert "no result  nest:" in found.stdout
    assert found.return_value == 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("cuba --with neuron", "neuron: no such peer; there are brian2, nest, nengo"),
        ("cuba --with halfbrain", "halfbrain: no such peer"),
        ("cuba --with ,", "compare: name a peer with --with"),
        ("cuba --seconds 0", "--seconds 0: must be above 0"),
        ("cuba --seconds 1e9", "--seconds 1e+09: must be at most 10,000,000"),
        ("cuba --seconds 1e-6", "seconds 1e-06: below half a time step of 0.0001 s"),
        ("cuba --dtype int8", "--dtype 'int8': there are float32 and float64"),
        ("cubba", "no circuit 'cubba'"),
        ("none.toml --neurons 5", "--neurons: a circuit of a file has its own"),
        ("none.toml", "none.toml"),
    ],
)
def test_a_mistake_is_one_line(words, line, stand_in, temporary):
    with pytest.raises(HalfbrainError) as caught:
        called(*words.split(), "--python", stand_in)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(temporary.iterdir())


def test_peers_that_are_all_missing_are_told_before_anything_runs(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(HalfbrainError, match=r"compare: brian2: Brian2 is not .*; nest: NEST is"):
        called("cuba", "--with", "brian2,nest")


# Spikes as ever, and the voltages of the first neurons at the start of each step.
WITH_VOLTAGES = """
import sys
import brian2 as b2, numpy as np
from pathlib import Path
from halfbrain.compare import on_brian2
from halfbrain.compare.brian2_network import Brian2Network
from halfbrain.compare.job import Job
from halfbrain.processes.message import read, write

class Watched(Brian2Network):
    def __init__(self, b2, job):
        super().__init__(b2, job)
        (group,) = self.groups
        self.voltages = b2.StateMonitor(group.brian, "V", record=range(200))
        self.parts.append(self.voltages)

    def spikes(self):
        np.save(sys.argv[2], np.asarray(self.voltages.V))
        return super().spikes()

on_brian2.Brian2Network = Watched
write(Path(sys.argv[3]), on_brian2.run(read(Path(sys.argv[1]), Job)))
"""


def test_cobahh_is_that_of_brian2_spike_for_spike(tmp_path):
    found = subprocess.run([PYTHON, "-c", "import brian2"], capture_output=True, check=False)
    if found.returncode:
        pytest.skip(f"Brian2 is not installed in {PYTHON}")
    circuit, seconds, watched = named_circuit("cobahh", neurons=4000), 0.1, 200
    job = handed_on(Job(circuit, seconds, tmp_path, threads=1, seed=6))
    write(tmp_path / "job", job)
    words = [PYTHON, "-c", WITH_VOLTAGES, tmp_path / "job", tmp_path / "V.npy", tmp_path / "result"]
    subprocess.run(words, env=ENVIRONMENT, check=True)
    theirs = read(tmp_path / "result", PeerResult)

    simulation = PointGroup(
        circuit, seed=6, dtype="float64", record={("E", "V"): np.arange(watched)}
    )
    first = simulation.state("E", "V")[:watched]
    simulation.run(seconds)
    ours = simulation.spikes
    for name in ("E", "I"):
        assert len(ours.of(name)[0]) > 500
        assert np.array_equal(ours.of(name)[1], theirs.spikes[name][1])
        assert np.allclose(ours.of(name)[0], theirs.spikes[name][0], rtol=0, atol=1e-9)

    # The engine records after a step, Brian2 before it.
    (recorded,) = simulation.recorded
    mine = np.vstack([first, recorded.values])[:-1]
    voltages = np.load(tmp_path / "V.npy").T
    assert mine.shape == voltages.shape
    times, neurons = ours.of("E")
    until = np.full(watched, job.steps)
    for neuron in range(watched):
        own = times[neurons == neuron]
        until[neuron] = round(own[0] / job.dt) if len(own) else job.steps
    before = np.arange(job.steps)[:, None] < until
    difference = np.abs(mine - voltages)[before].max()
    print(f"{len(times)} spikes of E; voltages differ by {difference:.3g} V at most")
    assert before.sum() > 10 * watched
    assert difference < 1e-9
