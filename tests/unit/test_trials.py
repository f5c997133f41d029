"""Between trials: of the past only weights are left, and they add up to what they should."""

import numpy as np
import pytest

from halfbrain.cells.sources import POISSON
from halfbrain.circuits.circuit import Population
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.trials import Normalisation, forget
from halfbrain.errors import CircuitError, RunError
from test_engine import STDP, network, spikes_of


def noisy(plasticity=None):
    """A network without given spikes: a neuron that fires at random in place of each."""
    whole = network(120, plasticity)
    noise = Population("input", POISSON, 3, {"rate": "300 Hz"})
    return network(120, plasticity, populations=(*whole.populations[:2], noise))


def begin(simulation, step):
    for population in ("E", "I"):
        simulation.set_state(population, "v", -0.055)
        simulation.set_state(population, "ge", 0.0)
        simulation.set_state(population, "gi", 0.0)
    forget(simulation, step)


@pytest.mark.parametrize("plasticity", [None, STDP])
def test_a_trial_is_the_same_whatever_was_before_it(plasticity):
    fresh = PointGroup(noisy(plasticity), threads=1, seed=2)
    used = PointGroup(noisy(plasticity), threads=2, seed=2)
    used.run(0.05)
    assert len(used.spikes.steps) > 200
    if plasticity:
        used.set_weights(0, fresh.connections(0).weights)
    used.on_spikes = lambda steps, neurons: used_spikes.extend(zip(steps, neurons, strict=True))
    used_spikes = []
    for simulation in (fresh, used):
        begin(simulation, 500)  # at once for the one that was used
        simulation.run(0.05)
    assert len(used_spikes) > 200
    assert spikes_of(fresh) == used_spikes
    if plasticity:
        weights = [s.connections(0).weights for s in (fresh, used)]
        assert np.mean(weights[0] != PointGroup(noisy(STDP), seed=2).connections(0).weights) > 0.5
        np.testing.assert_array_equal(*weights)


def test_what_spikes_did_to_weights_is_made_up_before_they_are_forgotten():
    told, silent = (PointGroup(noisy(STDP), threads=2, seed=3) for _ in range(2))
    for simulation in (told, silent):
        simulation.run(0.05)
    weights = silent.connections(0).weights
    forget(told)
    np.testing.assert_array_equal(told.connections(0).weights, weights)
    forget(told)
    np.testing.assert_array_equal(told.connections(0).weights, weights)
    assert told.step == 500


def test_given_spikes_keep_their_steps():
    simulation = PointGroup(network(), threads=1)
    simulation.run(0.01)
    forget(simulation)
    with pytest.raises(RunError, match="given spikes have steps of their own"):
        forget(simulation, 0)


def test_weights_onto_each_target_add_up_for_any_number_of_threads():
    found = []
    for threads in (1, 3):
        simulation = PointGroup(noisy(STDP), threads=threads, seed=4)
        simulation.run(0.03)
        before = simulation.connections(0)
        Normalisation(simulation, 0, 0.02).apply()
        found.append(simulation.connections(0))
    np.testing.assert_array_equal(found[0].weights, found[1].weights)
    sums = np.bincount(found[0].targets, found[0].weights, 96)
    np.testing.assert_allclose(sums, 0.02, rtol=1e-6)
    # The weights of a target keep their proportions.
    ratio = found[0].weights / before.weights
    for target in range(96):
        own = ratio[found[0].targets == target]
        np.testing.assert_allclose(own, own[0], rtol=1e-6)


def test_targets_whose_weights_are_0_keep_them():
    simulation = PointGroup(noisy(STDP), threads=1)
    weights = simulation.connections(0).weights
    weights[simulation.connections(0).targets < 5] = 0
    simulation.set_weights(0, weights)
    Normalisation(simulation, 0, 0.02).apply()
    after = simulation.connections(0)
    sums = np.bincount(after.targets, after.weights, 96)
    np.testing.assert_allclose(sums, np.where(np.arange(96) < 5, 0.0, 0.02), rtol=1e-6)


def test_only_plastic_weights_are_scaled():
    with pytest.raises(CircuitError, match="only plastic weights can be scaled"):
        Normalisation(PointGroup(noisy(), threads=1), 0, 1.0)
