"""Input that changes with time, and constants that are set between runs, against NumPy."""

import numpy as np
import pytest

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population
from halfbrain.engine.point.group import PointGroup
from halfbrain.errors import HalfbrainError

DT = 1e-4
LEAKY = Neuron(
    """
    dv/dt = (E_L - v + R*I)/tau_m : volt
    I : amp""",
    constants={"E_L": "-65 mV", "R": "100 Mohm", "tau_m": "20 ms"},
    threshold="v > -50*mV",
    reset="v = -60*mV",
    name="leaky",
)


def group(size=300, **how):
    values = {"v": np.linspace(-65e-3, -55e-3, size)}
    return PointGroup(
        Circuit((Population("E", LEAKY, size, values),), (), name="inputs"),
        dtype="float64",
        record={("E", "v"): range(size)},
        **how,
    )


def stepped(v, currents, tau):
    """Voltages and spikes (step, neuron) of steps of their own current and time constant."""
    out, spikes = [], []
    fired = np.zeros(len(v), bool)
    for step, (current, own) in enumerate(zip(currents, tau, strict=True)):
        v = np.where(fired, -60e-3, v)
        to = -65e-3 + 100e6 * current
        v = to + (v - to) * np.exp(-DT / own)
        fired = v > -50e-3
        spikes += [(step, int(n)) for n in np.flatnonzero(fired)]
        out.append(v)
    return np.array(out), spikes


def spikes_of(made):
    return list(zip(made.spikes.steps.tolist(), made.spikes.neurons.tolist(), strict=True))


@pytest.mark.parametrize("threads", [1, 2])
def test_values_are_written_at_their_steps(threads):
    steps = np.array([3, 10, 11, 400])
    who = np.array([299, 7, 150, 0])
    values = np.random.default_rng(1).uniform(0, 4e-10, (4, 4))
    made = group(threads=threads, parts=4)
    made.play("E", "I", who, steps, values)
    for seconds in (0.0005, 0.05, 0.0095):
        made.run(seconds)
    currents = np.zeros((600, 300))
    for row, (first, last) in enumerate(zip(steps, [*steps[1:], 600], strict=True)):
        currents[first:last, who] = values[row]
    v, spikes = stepped(np.linspace(-65e-3, -55e-3, 300), currents, np.full(600, 20e-3))
    assert len(spikes) > 5
    assert spikes_of(made) == spikes
    assert made.recorded[0].values == pytest.approx(v, rel=1e-12)


def test_an_input_given_in_the_middle_goes_on_from_its_last_row():
    made = group(threads=1)
    made.run(0.002)
    made.play("E", "I", [5], [10, 30], [[1e-10], [3e-10]])
    assert made.state("E", "I")[4:7].tolist() == [0, 1e-10, 0]
    made.run(0.002)
    assert made.state("E", "I")[5] == 3e-10


def test_a_constant_is_set_between_runs_and_the_state_stays():
    made = group(threads=2)
    made.set_state("E", "I", 1.8e-10)
    made.run(0.03)
    made.set_constants("E", {"tau_m": "15 ms"})
    made.run(0.03)
    tau = np.repeat([20e-3, 15e-3], 300)
    currents = np.full((600, 300), 1.8e-10)
    v, spikes = stepped(np.linspace(-65e-3, -55e-3, 300), currents, tau)
    assert any(step >= 300 for step, _ in spikes)
    assert spikes_of(made) == spikes
    assert made.recorded[0].values == pytest.approx(v, rel=1e-12)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (("E", "w", [0], [0], [[1.0]]), "no variable 'w'"),
        (("E", "I", [300], [0], [[1.0]]), "neurons 0 to 299"),
        (("E", "I", [0], [0, 0], [[1.0], [2.0]]), "two of its times are in one step"),
        (("E", "I", [0], [0], [[np.nan]]), "a finite value for each of 1 times and 1 neurons"),
        (("E", "I", [0, 1], [0], [[1.0]]), "a finite value for each of 1 times and 2 neurons"),
    ],
)
def test_mistakes_are_one_line(asked, line):
    with pytest.raises(HalfbrainError, match=line):
        group(threads=1).play(*asked)


def test_two_inputs_for_one_neuron_are_refused():
    made = group(threads=1)
    made.play("E", "I", [0, 1], [0], [[1e-10, 1e-10]])
    made.play("E", "I", [2], [0], [[1e-10]])
    with pytest.raises(HalfbrainError, match="add them up"):
        made.play("E", "I", [1], [0], [[1e-10]])


def test_a_constant_that_is_none_is_one_line():
    with pytest.raises(HalfbrainError, match="has no constant 'tau_w'; it has E_L, R, tau_m"):
        group(threads=1).set_constants("E", {"tau_w": "1 ms"})
