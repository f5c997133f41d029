"""Networks: layers against plain NumPy, gates, winners, masks, training."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="networks need JAX (pip install halfbrain[networks])")
pytest.importorskip("equinox", reason="networks need Equinox (pip install halfbrain[networks])")
optax = pytest.importorskip("optax", reason="networks need Optax (pip install halfbrain[networks])")
import equinox as eqx
import jax.numpy as jnp

from halfbrain.errors import ModelError
from halfbrain.networks.dendrites import ActiveDendrites, nearest, prototype
from halfbrain.networks.learn import epochs, in_one_context, plain
from halfbrain.networks.linear import Linear, complementary_masks, random_mask
from halfbrain.networks.mlp import Mlp
from halfbrain.networks.one_context import closed, is_full, opened
from halfbrain.networks.parts import settle
from halfbrain.networks.published import SCHEDULES
from halfbrain.networks.training import accuracy, loss, start, train
from halfbrain.networks.winners import k_winners

KEY = jax.random.key(3)


def small(segments=4):
    return ActiveDendrites.init(KEY, segments, (12, 40, 30, 5), context=12, on=0.1)


def by_hand(network, x, contexts):
    """A context for each sample, in double precision, unit by unit as the paper's equations."""
    x, contexts = np.asarray(x, float), np.asarray(contexts, float)
    for layer in network.layers:
        weight, bias = np.asarray(layer.linear.weight, float), np.asarray(layer.linear.bias, float)
        segments = np.asarray(layer.segments, float)
        out = np.zeros((len(x), len(bias)))
        for s in range(len(x)):
            for unit in range(len(bias)):
                responses = segments[unit] @ contexts[s]
                largest = responses[np.argmax(np.abs(responses))]
                out[s, unit] = (weight[unit] @ x[s] + bias[unit]) / (1 + np.exp(-largest))
            out[s, np.argsort(out[s])[: -layer.winners]] = 0
        x = out
    return x @ np.asarray(network.top.weight, float).T + np.asarray(network.top.bias, float)


def test_active_dendrites_against_the_equations_unit_by_unit():
    network = small()
    x = jax.random.normal(KEY, (6, 12))
    contexts = jax.random.normal(jax.random.key(5), (3, 12))
    which = jnp.array([0, 2, 1, 1, 0, 2])
    ours = eqx.filter_jit(network)(x, contexts, which)
    assert np.allclose(ours, by_hand(network, x, contexts[which]), rtol=1e-5, atol=1e-6)


def test_one_context_for_the_batch_is_the_same_as_one_for_each_sample():
    network = small()
    x, labels = jax.random.normal(KEY, (16, 12)), jnp.arange(16) % 5
    context = jax.random.normal(jax.random.key(5), (12,))
    learnt = eqx.filter_jit(eqx.filter_value_and_grad(loss))
    shared = learnt(network, x, labels, context[None])
    each = learnt(network, x, labels, jnp.tile(context, (16, 1)), jnp.arange(16))
    for a, b in zip(jax.tree.leaves(shared), jax.tree.leaves(each), strict=True):
        assert np.allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("k", [1, 7, 64])
def test_winners_are_the_largest_whatever_their_sign(k):
    x = jax.random.normal(KEY, (50, 64)) * 10.0 ** jax.random.randint(KEY, (50, 64), -30, 30)
    x = x.at[0].set(-jnp.abs(x[0])).at[1, :60].set(0.0)
    x = x.at[2].set(jnp.abs(x[2]))
    edge = np.sort(np.asarray(x), axis=1)[:, -k][:, None]
    assert np.array_equal(k_winners(x, k), np.where(x >= edge, x, 0))


def test_winners_in_double_precision_are_the_largest_too():
    with jax.enable_x64():
        x = (
            jax.random.normal(KEY, (50, 64), jnp.float64)
            * 10.0 ** jnp.arange(-250, 250, 10)[:, None]
        )
        # Neighbours that single precision cannot tell apart.
        x = x.at[0].set(1 + jnp.arange(64) * 1e-14)
        edge = np.sort(np.asarray(x), axis=1)[:, -7][:, None]
        assert np.array_equal(k_winners(x, 7), np.where(x >= edge, x, 0))


def test_gradients_pass_through_winners_alone():
    x = jax.random.normal(KEY, (5, 20))
    gradient = jax.grad(lambda x: jnp.sum(k_winners(x, 4) ** 2))(x)
    assert np.array_equal(gradient, 2 * k_winners(x, 4))
    assert (np.count_nonzero(gradient, axis=1) == 4).all()


def test_more_winners_than_units_is_an_error():
    with pytest.raises(ModelError, match="21 winners of 20"):
        k_winners(jnp.zeros((5, 20)), 21)


def test_masks_leave_each_unit_as_many_weights():
    mask = random_mask(KEY, 30, 784, 0.5)
    assert (mask.sum(axis=1) == 392).all()
    assert abs(float(jnp.corrcoef(mask.astype(float))[0, 1])) < 0.2


def test_complementary_masks_share_no_weight():
    masks = complementary_masks(KEY, 12, 20, 4).reshape(3, 4, 20)
    assert (masks.sum(axis=1) == 1).all()
    assert (masks.sum(axis=2) == 5).all()
    assert not np.array_equal(masks[0], masks[1])
    with pytest.raises(ModelError, match="do not divide"):
        complementary_masks(KEY, 12, 20, 8)


def test_first_weights_keep_the_spread_of_outputs():
    dense = Linear.init(KEY, 400, 300)
    sparse = Linear.init(KEY, 400, 300, density=0.5, active=0.1)
    x = jax.random.normal(KEY, (200, 400))
    few = x * (jax.random.uniform(jax.random.key(9), x.shape) < 0.1)
    spread = [float(jnp.std(y)) for y in (dense(x), sparse(few))]
    assert spread[1] == pytest.approx(spread[0], rel=0.05)


def test_training_leaves_masked_weights_at_zero_and_learns():
    network = small()
    centres = 3 * jax.random.normal(KEY, (5, 12))
    labels = jnp.arange(320) % 5
    images = centres[labels] + jax.random.normal(jax.random.key(1), (320, 12))
    contexts = prototype(images)[None]
    order = jnp.arange(320).reshape(10, 32)
    before = accuracy(network, images, labels, contexts)
    masks = [np.asarray(layer.linear.mask) for layer in network.layers]
    optimiser = optax.adam(5e-3)
    state = start(optimiser, network)
    for _ in range(5):
        network, state, losses = train(network, state, optimiser, images, labels, order, contexts)
    assert losses.shape == (10,)
    assert accuracy(network, images, labels, contexts) > max(0.95, before)
    for layer, mask in zip(network.layers, masks, strict=True):
        assert np.array_equal(np.asarray(layer.linear.weight) != 0, mask)
        assert np.array_equal(layer.linear.mask, mask)


def test_a_step_is_adams_published_step():
    """Kingma and Ba 2015, arXiv 1412.6980, algorithm 1, by hand."""
    network = Mlp.init(KEY, (6, 8, 3))
    x, labels = jax.random.normal(KEY, (10, 6)), jnp.arange(10) % 3
    optimiser, rate = optax.adam(1e-2), 1e-2
    weight, m, v = np.asarray(network.layers[0].weight, float), 0.0, 0.0
    state = start(optimiser, network)
    for t in range(1, 4):
        gradient = eqx.filter_jit(eqx.filter_grad(loss))(network, x, labels)
        g = np.asarray(gradient.layers[0].weight, float)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        weight -= rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        network, state, _ = train(network, state, optimiser, x, labels, jnp.arange(10)[None], None)
        assert np.allclose(network.layers[0].weight, weight, atol=2e-6)


def test_the_nearest_prototype_is_found():
    prototypes = jax.random.normal(KEY, (7, 12))
    x = prototypes[jnp.array([3, 0, 6, 6])] + 0.01
    assert nearest(prototypes, x).tolist() == [3, 0, 6, 6]


def test_settling_touches_nothing_else():
    network = small()
    for a, b in zip(jax.tree.leaves(network), jax.tree.leaves(settle(network)), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize(("segments", "places"), [(4, 3), (1, 1), (4, 4)])
def test_a_layer_in_one_context_learns_as_the_whole_layer_does(segments, places):
    images, labels = jax.random.normal(KEY, (320, 12)), jnp.arange(320) % 5
    order = jax.random.randint(KEY, (20, 32), 0, 320)
    context = jax.random.normal(jax.random.key(8), (12,))
    optimiser = optax.adam(0.01)
    whole, part = small(segments), opened(small(segments), context, places)
    whole, _, expected = train(
        whole, start(optimiser, whole), optimiser, images, labels, order, context[None]
    )
    part, _, losses = train(part, start(optimiser, part), optimiser, images, labels, order)
    if segments > 1:  # some units came to call for more than their first segment
        assert all(layer.called > len(layer.chosen) for layer in part.layers)
    assert not is_full(part)
    assert np.allclose(losses, expected, rtol=1e-4, atol=1e-5)
    for a, b in zip(jax.tree.leaves(closed(part)), jax.tree.leaves(whole), strict=True):
        assert np.allclose(a, b, atol=2e-3)


def test_a_layer_with_too_few_places_says_so():
    images, labels = jax.random.normal(KEY, (320, 12)), jnp.arange(320) % 5
    order = jax.random.randint(KEY, (20, 32), 0, 320)
    part = opened(small(), jax.random.normal(jax.random.key(8), (12,)), 1)
    optimiser = optax.adam(0.01)
    part, _, _ = train(part, start(optimiser, part), optimiser, images, labels, order)
    assert is_full(part)


def test_a_task_is_learnt_again_where_there_were_too_few_places():
    images, labels = jax.random.normal(KEY, (320, 12)), jnp.arange(320) % 5
    order, context = epochs(KEY, 320, 32, 2), jax.random.normal(jax.random.key(8), (12,))
    network, optimiser, heard = small(), optax.adam(0.01), []
    part, losses = in_one_context(
        network, optimiser, images, labels, order, context, heard.append, places=1
    )
    assert len(heard) > 1  # more than once, as the first time does not count
    whole, expected = plain(network, optimiser, images, labels, order, context[None])
    assert np.allclose(losses, expected, rtol=1e-4, atol=1e-5)
    assert np.allclose(part.top.weight, whole.top.weight, atol=2e-3)


def test_an_epoch_shows_each_sample_once():
    order = np.asarray(epochs(KEY, 100, 32, 2))
    assert order.shape == (6, 32)
    assert len(np.unique(order[:3])) == len(np.unique(order[3:])) == 96
    assert not np.array_equal(order[:3], order[3:])


def test_the_schedules_are_for_the_tasks_that_they_are_under():
    assert list(SCHEDULES) == [2, 5, 10, 25, 50, 100]
    assert all(schedule.tasks == tasks for tasks, schedule in SCHEDULES.items())
