"""Spiking layers: the engine's program in JAX, its spikes, and its surrogate gradient."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="networks need JAX (pip install halfbrain[networks])")
pytest.importorskip("equinox", reason="networks need Equinox (pip install halfbrain[networks])")
optax = pytest.importorskip("optax", reason="networks need Optax (pip install halfbrain[networks])")
import jax.numpy as jnp

from halfbrain.cells.integrate_and_fire import CUBA, LIF_CURRENT_EXP_SHARED, LIF_DELTA
from halfbrain.cells.neuron import Neuron
from halfbrain.codegen.arrays import array_function
from halfbrain.codegen.kernel import scalar_function
from halfbrain.errors import ModelError
from halfbrain.networks.spiking import NeuronStep, Spiking, SpikingNetwork, spike
from halfbrain.networks.training import accuracy, start, train
from halfbrain.program.point import LONG_AGO, SINCE, arrived_at, quantum_of

KEY = jax.random.key(2)


def by_the_scalar_program(cell, dt, unit, arriving, first):
    """Who fires when, a neuron at a time, by the program as the engine compiles it."""
    model = cell.model(dt)
    step, receptor = scalar_function(model.program), model.receptors[0]
    out = np.zeros(arriving.shape)
    for neuron in range(arriving.shape[1]):
        at = dict.fromkeys(model.program.inputs, 0.0) | {
            SINCE: LONG_AGO,
            quantum_of(receptor): unit,
        }
        at |= first
        for t in range(len(arriving)):
            at[arrived_at(receptor)] = arriving[t, neuron]
            new = step(*(at[name] for name in model.program.inputs))
            at |= dict(zip(model.program.outputs, new, strict=True))
            out[t, neuron] = at[SINCE] == 0
    return out


@pytest.mark.parametrize(
    ("cell", "unit", "first"),
    [
        (LIF_DELTA, 0.02, {}),
        (LIF_CURRENT_EXP_SHARED, 2e-9, {"v": -0.065}),
        (CUBA, 5e-3, {"v": -0.06}),
    ],
)
def test_spikes_are_those_of_the_engines_program(cell, unit, first):
    arriving = np.random.default_rng(4).normal(0.2, 0.5, (200, 5))
    with jax.enable_x64(True):
        layer = Spiking(jnp.eye(5), None, NeuronStep.of(cell, 1e-3, unit, first=first))
        ours = np.asarray(layer(jnp.asarray(arriving)[:, None]))[:, 0]
    expected = by_the_scalar_program(cell, 1e-3, unit, arriving, first)
    assert 10 < expected.sum() < 500
    assert np.array_equal(ours, expected)


def test_whole_arrays_step_as_single_numbers_do():
    program = CUBA.model(1e-4).program
    given = np.random.default_rng(1).normal(0, 0.05, (len(program.inputs), 50))
    each = [scalar_function(program)(*column) for column in given.T]
    assert np.allclose(array_function(program, np)(*given), np.transpose(each), rtol=1e-14)


def test_recurrent_spikes_arrive_a_step_later():
    neuron = NeuronStep.of(LIF_DELTA, 1e-3, 0.02)
    chain = jnp.zeros((3, 3)).at[1, 0].set(1.5).at[2, 1].set(1.5)
    layer = Spiking(jnp.array([[1.5], [0.0], [0.0]]), chain, neuron)
    spikes = layer(jnp.zeros((6, 1, 1)).at[1].set(1.0))[:, 0]
    assert np.argwhere(np.asarray(spikes)).tolist() == [[1, 0], [2, 1], [3, 2]]


def test_the_threshold_has_the_fast_sigmoids_derivative():
    u = jnp.array([-0.4, 0.0, 0.2])
    slope = jax.vmap(jax.grad(lambda u: spike((u >= 0).astype(float), u, 10.0)))(u)
    assert np.allclose(slope, [1 / 25, 1, 1 / 9])


def test_the_gradient_through_a_step_is_the_chain_rule():
    """d spike / d weight = decay x input x surrogate, for a first step from rest."""
    neuron = NeuronStep.of(LIF_DELTA, 1e-3, 0.02)

    def fired(weight):
        return jnp.sum(Spiking(weight, None, neuron)(jnp.full((1, 1, 1), 2.0)))

    weight, decay = 0.3, np.exp(-1 / 20)
    distance = weight * 2.0 * decay - 1
    expected = 2.0 * decay / (1 + 10 * abs(distance)) ** 2
    assert float(jax.grad(fired)(jnp.array([[weight]]))[0, 0]) == pytest.approx(expected, rel=1e-5)


def test_a_recurrent_network_learns_which_input_came_first():
    """Only the order of two volleys tells the classes apart, not how many spikes there are."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 256)
    x = np.zeros((256, 12, 20), np.float32)
    for i, label in enumerate(labels):
        early, late = (slice(0, 10), slice(10, 20)) if label else (slice(10, 20), slice(0, 10))
        x[i, rng.integers(0, 3), early] = 1
        x[i, rng.integers(6, 9), late] = 1
    images, labels = jnp.asarray(x), jnp.asarray(labels)
    network = SpikingNetwork.init(
        KEY, (20, 30, 2), NeuronStep.of(LIF_DELTA, 2e-3, 0.02), recurrent=True
    )
    optimiser = optax.adam(0.02)
    state = start(optimiser, network)
    order = jnp.tile(jnp.arange(256).reshape(4, 64), (30, 1))
    network, _, _ = train(network, state, optimiser, images, labels, order)
    assert accuracy(network, images, labels) > 0.95


def test_what_cannot_be_done_is_said():
    with pytest.raises(ModelError, match="no receptor 'gaba'"):
        NeuronStep.of(LIF_DELTA, 1e-3, 0.02, receptor="gaba")
    with pytest.raises(ModelError, match="no variable 'u'"):
        NeuronStep.of(LIF_DELTA, 1e-3, 0.02, first={"u": 1.0})
    still = Neuron("dv/dt = -v/(10*ms) : volt", receptors={"ex": "v"}, name="still")
    with pytest.raises(ModelError, match="must be one comparison"):
        NeuronStep.of(still, 1e-3, 0.02)
