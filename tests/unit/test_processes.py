"""Work in processes of its own: what goes there comes back as it was, and nothing else is made."""

import json
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfbrain.cells.detailed.neuron import hoc
from halfbrain.compare import (
    network_on_neuron,
    on_arbor,
    on_bindsnet,
    on_brian2,
    on_halfbrain,
    on_jaxley,
    on_nengo,
    on_nest,
    on_neuron,
)
from halfbrain.compare.cable_job import CableJob, CableResult, Inserted
from halfbrain.compare.job import Job, PeerResult
from halfbrain.errors import RunError
from halfbrain.processes.apart import CrashedError, RefusedError, run_apart
from halfbrain.processes.message import kinds_of, read, write
from halfbrain.processes.worker import types_of

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
things = st.recursive(
    plain,
    lambda of: (
        st.lists(of, max_size=3)
        | st.lists(of, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers(), of, max_size=3)
    ),
    max_leaves=12,
)


@given(things)
def test_plain_things_come_back_as_they_were(tmp_path_factory, thing):
    path = tmp_path_factory.getbasetemp() / "plain.npz"
    write(path, [thing])
    assert read(path, list) == [thing]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool", "uint8", "<U4"])
def test_arrays_come_back_to_the_last_bit(tmp_path, dtype):
    array = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    write(tmp_path / "a.npz", {"here": (array, array[0, 1], Path("x/y"), range(2))})
    back, one, path, numbers = read(tmp_path / "a.npz", dict)["here"]
    assert back.dtype == array.dtype
    assert np.array_equal(back, array)
    assert (one, path, numbers) == (array[0, 1], Path("x/y"), [0, 1])


def test_not_a_number_and_infinity_come_back(tmp_path):
    write(tmp_path / "a.npz", [float("nan"), float("-inf")])
    nan, infinite = read(tmp_path / "a.npz", list)
    assert nan != nan
    assert infinite == float("-inf")


@dataclass(frozen=True)
class Stranger:
    """No kind of a job's."""

    x: int


def test_only_what_the_type_speaks_of_is_made(tmp_path):
    inserted = Inserted("hh", np.arange(3), {}, {"ek": -77.0})
    cell = CableJob({}, (inserted,), {}, (), 6.3, -65.0, 1.0)
    write(tmp_path / "job.npz", cell)
    assert read(tmp_path / "job.npz", CableJob).inserted[0].shared == {"ek": -77.0}
    with pytest.raises(RunError, match=r"job.npz: cannot be read as a message with PeerResult"):
        read(tmp_path / "job.npz", PeerResult)
    write(tmp_path / "stranger.npz", CableJob({}, (Stranger(1),), {}, (), 6.3, -65.0, 1.0))
    with pytest.raises(RunError, match="cannot be read as a message with CableJob"):
        read(tmp_path / "stranger.npz", CableJob)
    write(tmp_path / "list.npz", [1])
    with pytest.raises(RunError, match=r"list.npz: is not a message with CableJob"):
        read(tmp_path / "list.npz", CableJob)


TEXTS = [
    "",
    "{",
    '{"kind": "Popen"}',
    '{"kind": "Job", "fields": {}}',
    '{"array": "9"}',
    '{"a": 1}',
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_job_is_one_line(tmp_path, text):
    np.savez(tmp_path / "job.npz", text=np.frombuffer(text.encode(), np.uint8))
    with pytest.raises(RunError, match="cannot be read as a message with Job") as caught:
        read(tmp_path / "job.npz", Job)
    assert "\n" not in str(caught.value)


class Boom:
    """What a pickle would run."""

    def __reduce__(self):
        return print, ("never",)


def test_a_pickle_is_not_read(tmp_path, capsys):
    path = tmp_path / "job.npz"
    path.write_bytes(pickle.dumps(Boom()))
    with pytest.raises(RunError, match="cannot be read"):
        read(path, Job)
    np.savez(path, text=np.array([Boom()], object))
    with pytest.raises(RunError, match="cannot be read"):
        read(path, Job)
    whole = np.frombuffer(json.dumps({"array": "0"}).encode(), np.uint8)
    with path.open("wb") as file:
        np.savez(file, text=whole, **{"0": np.array([Boom()], object)})
    with pytest.raises(RunError, match="cannot be read"):
        read(path, Job)
    assert "never" not in capsys.readouterr().out


@pytest.mark.parametrize("thing", [object(), np.array([object()]), {1, 2}, 1j])
def test_what_no_message_holds_is_one_line(tmp_path, thing):
    with pytest.raises(RunError, match="cannot go to another process"):
        write(tmp_path / "a.npz", {"x": thing})
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_or_read_is_one_line(tmp_path):
    with pytest.raises(RunError, match=r"cannot write .*nowhere/a.npz: No such file"):
        write(tmp_path / "nowhere/a.npz", [])
    with pytest.raises(RunError, match=r"nowhere: there is no such file"):
        read(tmp_path / "nowhere", list)


PEERS = [on_halfbrain, on_brian2, on_nest, on_nengo, on_bindsnet]
CABLES = [on_neuron, on_arbor, on_jaxley]


@pytest.mark.parametrize("module", [*PEERS, *CABLES, network_on_neuron, hoc])
def test_a_worker_knows_what_each_module_takes_and_gives(module):
    job, result = types_of(module)
    kinds = {name.rpartition(".")[2] for name in kinds_of(job)}
    assert job.__name__ in kinds
    if module in PEERS:
        assert {"Circuit", "Population", "Neuron", "Uniform", "FixedIn", "Connections"} <= kinds
        assert result is PeerResult
    if module in CABLES:
        assert {"CableJob", "Inserted", "Synapse"} == kinds
        assert result is CableResult


# A module for a process


WORK = """
import os, sys
from dataclasses import dataclass
from halfbrain.errors import ModelError

@dataclass(frozen=True)
class Told:
    what: str
    threads: int

def run(job: dict) -> Told:
    match job["do"]:
        case "refuse": raise ModelError("not this one")
        case "crash": raise ValueError("what it says")
        case "leave": os._exit(0)
        case "say": return Told(os.getcwd() + " " + os.environ["MINE"], 2)
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    (tmp_path / "a_work.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import a_work

    yield a_work
    del sys.modules["a_work"]


def test_a_module_runs_in_a_process_of_its_own(work, tmp_path):
    told = run_apart(work, {"do": "say"}, folder=tmp_path / "own", environment={"MINE": "yes"})
    assert told == work.Told(f"{tmp_path / 'own'} yes", 2)
    assert sorted(x.name for x in (tmp_path / "own").iterdir()) == [
        "job.npz", "output.txt", "result.npz",
    ]  # fmt: skip
    with pytest.raises(RefusedError, match=r"^not this one$"):
        run_apart(work, {"do": "refuse"}, folder=tmp_path / "own")
    with pytest.raises(CrashedError, match=r"^ended with exit status 1; ValueError: what it says$"):
        run_apart(work, {"do": "crash"})
    with pytest.raises(CrashedError, match=r"^ended with exit status 0; it said nothing$") as left:
        run_apart(work, {"do": "leave"})
    assert left.value.code == 0
