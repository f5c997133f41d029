"""Whether states are still numbers: a run that meets NaN or infinity says so."""

import numpy as np
import pytest

from command import halfbrain
from halfbrain.cells.neuron import Neuron
from halfbrain.cells.plasticity import Plasticity
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.connectivity.rule import AllToAll
from halfbrain.engine.finite import all_finite
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import HalfbrainWarning, RunError
from halfbrain.io import sonata_file as sonata


def places(*arrays):
    return np.array([[a.ctypes.data, a.size] for a in arrays], np.int64).reshape(-1, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_number_that_is_none_is_found(dtype):
    fine = np.array([0.0, -0.0, 1.0, -1.0, np.finfo(dtype).max, np.finfo(dtype).tiny], dtype)
    assert all_finite(places(fine, fine[:0]), fine.itemsize)
    assert all_finite(places(), fine.itemsize)
    for bad in (np.nan, -np.nan, np.inf, -np.inf):
        for at in range(fine.size):
            wrong = fine.copy()
            wrong[at] = bad
            assert not all_finite(places(fine, wrong), fine.itemsize)


GROWS = Neuron("dv/dt = v*v/ms : 1", method="euler", name="grows")  # v = 1/(1 - t/ms)


def growing(values, **how):
    circuit = Circuit((Population("p", GROWS, len(values), {"v": values}),), (), name="c")
    return PointGroup(circuit, record={("p", "v"): [0]}, **{"threads": 1, **how})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_that_meets_infinity_says_so_and_keeps_what_was_before(dtype, threads):
    simulation = growing([0.0] * 99 + [1.0], dtype=dtype, threads=threads, parts=2)
    message = r"population 'p', neuron 99: v is inf at step \d+ \(\S+ s\), and was a number at step"
    with pytest.raises(RunError, match=message):
        simulation.run(1.0)
    assert 1e-3 < simulation.seconds < 0.1
    assert len(simulation.recorded[0].values) == simulation.step
    assert np.isinf(simulation.state("p", "v")[99]) or np.isnan(simulation.state("p", "v")[99])


def test_a_run_can_go_on_over_infinity():
    simulation = growing([1.0, 0.0], check_finite=False)
    simulation.run(0.1)
    assert simulation.seconds == pytest.approx(0.1)


def test_places_beyond_the_last_neuron_are_not_told_of():
    # There the time constant was 0, and the state NaN from the first step on.
    cell = Neuron("dv/dt = -v/tau : 1\ntau : second", method="euler", name="relaxes")
    values = {"v": 1.0, "tau": [0.01, 0.02, 0.03]}
    simulation = PointGroup(Circuit((Population("p", cell, 3, values),), (), name="c"), threads=1)
    simulation.run(0.01)
    assert all(np.isfinite(state).all() for state in simulation.neurons_of[0].state)
    assert simulation.state("p", "v") == pytest.approx(
        [0.99**100, 0.995**100, (1 - 0.1 / 30) ** 100], rel=1e-5
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_plastic_weight_that_is_no_number_is_told_of(dtype):
    cell = Neuron("x : 1", receptors={"in": "x"}, name="counts")
    # The weight is used once, and then is the logarithm of what is below 0.
    rule = Plasticity("bad", pre={"x": "10 ms"}, on_pre="w = w + log(0 - w)")
    circuit = Circuit(
        (Population("s", SpikeList([0.001], [0]), 1), Population("p", cell, 2)),
        (Projection("s", "p", "in", AllToAll(), weight=1.0, delay=0.0, plasticity=rule),),
        name="c",
    )
    simulation = PointGroup(circuit, threads=1, dtype=dtype)
    message = r"projection s to p \(in\), a synapse of 0: w is nan at step 20"
    with pytest.raises(RunError, match=message):
        simulation.run(0.002)
    assert simulation.state("p", "x").tolist() == [1.0, 1.0]
    with pytest.warns(HalfbrainWarning, match="the weight 0 is nan"):
        simulation.connections(0)


def test_a_command_that_meets_infinity_keeps_the_file_and_a_checkpoint(tmp_path):
    circuit, out = tmp_path / "grows.toml", tmp_path / "out.h5"
    circuit.write_text(
        "[populations.p]\nsize = 2\nequations = 'dv/dt = v*v/ms : 1'\nmethod = 'euler'\n"
        "values = { v = [0.0, 1.0] }\n",
        "utf-8",
    )

    found = halfbrain(
        "run", circuit, "--seconds", 1, "--threads", 1, "--record", "p.v:2", "--out", out
    )
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.count("\n") == 1
    assert "population 'p', neuron 1: v is inf at step" in found.stderr
    assert f"what was recorded is in {out}, and --resume {out} goes on" in found.stderr
    kept = sonata.read(out)
    assert 1e-3 <= kept.spikes.seconds < 1
    assert kept.reports[0].data[0].tolist() == [0.0, pytest.approx(6.1289, rel=1e-3)]
    more = ("--seconds", "0.3", "--threads", 1, "--no-check-finite")
    assert halfbrain("run", "--resume", out, *more).returncode == 0
    assert sonata.read(out).spikes.seconds == pytest.approx(0.3)
