"""Times between steps: one rule for all, and a line where it moves a time."""

import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.circuits.from_toml import circuit_from_toml
from halfbrain.connectivity.rule import Explicit, OneToOne
from halfbrain.connectivity.value import LogNormal, Normal, Uniform
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.engine.point.group import PointGroup
from halfbrain.equations.steps import is_moved, nearest_step, step_holding, whole_steps
from halfbrain.errors import HalfbrainWarning, RunError
from halfbrain.morphology.compartments import Compartments

COUNTER = Neuron("n : 1", receptors={"in": "n"}, name="counter")


def alone(refractory="0 ms", dt="0.1 ms"):
    cell = Neuron("dv/dt = 1/second : 1", threshold="v > 0", refractory=refractory, name="c")
    return Circuit((Population("p", cell, 1, {"v": 1.0}),), (), dt=dt, name="x")


def pair(delay, rule=None, dt="0.1 ms"):
    spike = SpikeList(np.zeros(1), np.zeros(1, np.int64))
    people = (Population("a", spike, 1), Population("b", COUNTER, 1))
    return Circuit(
        people,
        (Projection("a", "b", "in", rule or OneToOne(), weight=1.0, delay=delay),),
        dt=dt,
        name="x",
    )


def delay_of(simulation):
    return round(float(simulation.connections(0).delays[0]) / simulation.dt)


def test_halfway_is_the_later_step_also_in_binary_fractions():
    assert 0.15e-3 / 0.1e-3 < 1.5  # as computers have it
    found = [nearest_step(x * 1e-3, 0.1e-3) for x in (0.04, 0.05, 0.149, 0.15, 0.25, 0.35, 1.05)]
    assert found == [0, 1, 1, 2, 3, 4, 11]
    np.testing.assert_array_equal(nearest_step(np.array([0.15e-3, 0.25e-3]), 1e-4), [2, 3])
    assert step_holding(0.3e-3, 1e-4) == 3  # 2.9999999999999996 steps


@given(st.integers(0, 2**31 - 1), st.sampled_from([0.1e-3, 0.025e-3, 1 / 3 * 1e-3, 2e-3]))
def test_a_whole_number_of_steps_is_not_moved(steps, dt):
    assert nearest_step(steps * dt, dt) == steps
    assert not is_moved(steps * dt, dt)
    assert is_moved((steps % 10**6 + 0.1) * dt, dt)


@pytest.mark.parametrize("text", ["0.15 ms", "0.25 ms", "0.35 ms", "1.05 ms", "0.05 ms"])
def test_a_delay_is_the_same_step_however_it_is_given(text):
    seconds = float(text.split()[0]) * 1e-3
    given = [
        text,
        seconds,
        np.array([seconds]),
        [seconds],
        Normal(text, "0 ms"),
        Uniform(seconds, seconds),
        LogNormal(seconds, 0.0),
    ]
    found = []
    for value in given:
        with pytest.warns(HalfbrainWarning, match="a to b"):
            found.append(delay_of(PointGroup(pair(value), threads=1)))
    listed = Explicit(np.zeros(1, int), np.zeros(1, int))
    with pytest.warns(HalfbrainWarning, match="1 of 1 are between time steps of 0.1 ms"):
        found.append(delay_of(PointGroup(pair([seconds], listed), threads=1)))
    assert found == [int(nearest_step(seconds, 1e-4))] * len(found)


def test_a_delay_of_a_file_is_the_same_step(tmp_path):
    text = """
    [populations.a]
    size = 1
    spikes = { times = [0.0], neurons = [0] }
    [populations.b]
    size = 1
    equations = "n : 1"
    receptors = { in = "n" }
    [[projections]]
    source = "a"
    target = "b"
    receptor = "in"
    rule = "one_to_one"
    weight = 1
    delay = DELAY
    """
    path = tmp_path / "c.toml"
    for delay in ('"0.15 ms"', "0.00015", '{ normal = "0.15 ms", std = 0 }'):
        path.write_text(text.replace("DELAY", delay))
        with pytest.warns(HalfbrainWarning, match="0.15 ms is 1.5 time steps of 0.1 ms"):
            assert delay_of(PointGroup(circuit_from_toml(path), threads=1)) == 2


def test_delays_between_steps_that_are_drawn_are_no_news():
    with warnings.catch_warnings():
        warnings.simplefilter("error", HalfbrainWarning)
        PointGroup(pair(Normal("1 ms", "0.3 ms", low="0 ms")), threads=1)
        PointGroup(pair("1.5 ms"), threads=1).run(0.15)


def test_a_refractory_time_between_steps_is_told_of():
    said = "refractory of p: 0.25 ms is 2.5 time steps of 0.1 ms; it is taken as 3"
    with pytest.warns(HalfbrainWarning, match=said):
        simulation = PointGroup(alone("0.25 ms"), threads=1)
    simulation.run(1.2e-3)
    assert np.diff(simulation.spikes.steps).tolist() == [3, 3, 3]


def test_a_run_between_steps_says_what_it_runs_each_time():
    simulation = PointGroup(alone(), threads=1)
    told = "1.05 ms is 10.5 time steps of 0.1 ms; it is taken as 11, which are 1.1 ms"
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")  # once for each text, as Python does
        for _ in range(10):
            simulation.run(1.05e-3)
    assert len(said) == 10
    assert all(told in str(one.message) for one in said)
    assert simulation.seconds == pytest.approx(0.011)
    with pytest.raises(RunError, match=r"0\.04 ms is less than half a time step of 0\.1 ms"):
        simulation.run(0.04e-3)


def test_a_recording_between_steps_is_told_of_and_its_times_are_what_was():
    asked = {("p", "v"): [0]}
    with pytest.warns(HalfbrainWarning, match=r"record_every: 0.25 ms is 2.5 time steps"):
        simulation = PointGroup(alone(), threads=1, record=asked, record_every=0.25e-3)
    simulation.run(1e-3)
    np.testing.assert_allclose(simulation.recorded[0].times, [0.3e-3, 0.6e-3, 0.9e-3])
    # What is not recorded is not asked for.
    PointGroup(alone(dt="10 ms"), threads=1, record_every=1e-3).run(0.1)


def membrane():
    one = np.ones(1)
    return Compartments(
        np.array([-1]), 100 * one, 0 * one, one, one, 0 * one, np.zeros(1, int), 0.5 * one,
        ("soma",), (), {}, (), 6.3, -65.0,
    )  # fmt: skip


def test_a_run_of_detailed_cells_has_the_same_rule():
    simulation = CableSimulation([membrane()], 0.025, threads=1)
    with pytest.warns(HalfbrainWarning, match=r"0.0375 ms is 1.5 time steps of 0.025 ms"):
        simulation.run(0.0375)
    assert simulation.step == 2
    with pytest.raises(RunError, match="no time ahead"):
        simulation.run(-1.0)


def test_a_time_beyond_counting_is_a_line():
    with pytest.raises(RunError, match="more than the 2,147,483,647 time steps"):
        whole_steps(1e300, 1e-4, "run")


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on memory")
def test_threads_that_cannot_start_are_a_line_and_no_hang():
    # 64 stacks of 1 GB do not fit.
    code = """
import resource, threading
from halfbrain.engine.threads import started
threading.stack_size(1 << 30)
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
try:
    started(64)
except Exception as error:
    print(type(error).__name__, error)
"""
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert "RunError only" in found.stdout
    assert "of 64 threads could be started" in found.stdout


def test_a_pool_that_is_started_has_all_its_threads():
    from halfbrain.engine.threads import started

    pool = started(5)
    assert isinstance(pool, ThreadPoolExecutor)
    assert len(pool._threads) == 5
