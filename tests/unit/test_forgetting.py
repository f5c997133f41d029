"""XdG and Synaptic Intelligence: the published equations; contexts against forgetting."""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="networks need JAX (pip install halfbrain[networks])")
pytest.importorskip("equinox", reason="networks need Equinox (pip install halfbrain[networks])")
optax = pytest.importorskip("optax", reason="networks need Optax (pip install halfbrain[networks])")
import jax.numpy as jnp

from halfbrain.networks.dendrites import ActiveDendrites, nearest, prototype
from halfbrain.networks.gated import Gated
from halfbrain.networks.intelligence import consolidate, synaptic_intelligence
from halfbrain.networks.learn import in_one_context, plain, with_intelligence
from halfbrain.networks.mlp import Mlp
from halfbrain.networks.parts import split
from halfbrain.networks.training import accuracy, start

KEY = jax.random.key(4)
TASKS, SIDE = 3, 30


def tasks():
    """Five classes of noisy patterns, their inputs permuted in each task."""
    rng = np.random.default_rng(6)
    labels = np.arange(500) % 5
    x = rng.normal(size=(5, SIDE))[labels] + 0.3 * rng.normal(size=(500, SIDE))
    x += np.where(np.arange(SIDE) < SIDE // 2, 1.5, -1.5)
    return [jnp.asarray(x[:, rng.permutation(SIDE)], jnp.float32) for _ in range(TASKS)], labels


def order(task):
    keys = jax.random.split(jax.random.fold_in(KEY, task), 5)
    return jnp.concatenate([jax.random.permutation(k, 500) for k in keys]).reshape(-1, 50)


def test_a_task_has_its_own_fifth_of_the_units():
    network = Gated.init(KEY, 6, (20, 100, 50, 3))
    for gate in network.gates:
        assert (gate.value.sum(axis=1) == gate.value.shape[1] // 5).all()
        assert len(np.unique(gate.value, axis=0)) == 6
    assert not any(
        np.asarray(leaf).shape == (6, 100) for leaf in jax.tree.leaves(split(network)[0])
    )


def test_synaptic_intelligence_follows_its_equations():
    """One weight, two tasks, gradient descent, by hand."""
    rate, c, damping = 0.1, 0.3, 0.05
    rule = synaptic_intelligence(optax.sgd(rate), c)
    weight = jnp.array(1.0)
    state = rule.init(weight)
    omega = 0.0
    w = 1.0
    for target in (0.2, 2.0):
        path, began = 0.0, w
        for _ in range(5):
            g = 2 * (w - target)
            step = -rate * (g + 2 * c * omega * (w - began))
            path -= g * step
            w += step
            change, state = rule.update(2 * (weight - target), state, weight)
            weight = weight + change
        assert float(weight) == pytest.approx(w, rel=1e-5)
        omega += path / ((w - began) ** 2 + damping)
        state = consolidate(state, weight, damping)
        assert float(state.importance) == pytest.approx(omega, rel=1e-4)


def test_contexts_keep_what_a_plain_network_forgets():
    images, labels = tasks()
    labels = jnp.asarray(labels)
    optimiser = optax.adam(3e-3)
    prototypes = jnp.stack([prototype(x) for x in images])
    told = jnp.eye(TASKS)

    forgetful = Mlp.init(KEY, (SIDE, 100, 100, 5))
    gated = Gated.init(KEY, TASKS, (SIDE, 200, 200, 5))
    dendrites = ActiveDendrites.init(KEY, TASKS, (SIDE, 200, 200, 5), context=SIDE)
    for task, x in enumerate(images):
        forgetful, _ = plain(forgetful, optimiser, x, labels, order(task))
        gated, _ = plain(gated, optimiser, x, labels, order(task), told[task][None])
        dendrites, _ = in_one_context(
            dendrites, optimiser, x, labels, order(task), prototypes[task]
        )
    assert accuracy(forgetful, images[-1], labels) > 0.95
    first = {
        "plain": accuracy(forgetful, images[0], labels),
        "gated": accuracy(gated, images[0], labels, told[:1]),
        "dendrites": accuracy(dendrites, images[0], labels, prototypes, nearest),
    }
    assert first["plain"] < 0.75, first
    assert first["gated"] > first["plain"] + 0.15, first
    assert first["dendrites"] > first["plain"] + 0.15, first


def test_intelligence_keeps_a_plain_network_from_forgetting():
    images, labels = tasks()
    labels = jnp.asarray(labels)
    forgetful = Mlp.init(KEY, (SIDE, 100, 100, 5))
    careful = Mlp.init(KEY, (SIDE, 100, 100, 5))
    rule = synaptic_intelligence(optax.adam(3e-3), 100.0)
    state = start(rule, careful)
    for task, x in enumerate(images):
        forgetful, _ = plain(forgetful, optax.adam(3e-3), x, labels, order(task))
        before = jax.tree.map(jnp.copy, state.importance)
        careful, state, losses = with_intelligence(careful, state, rule, x, labels, order(task))
        assert losses[-1] < losses[0]
        # Importance only grows; the next task is anchored where this one ended.
        for old, new in zip(
            jax.tree.leaves(before), jax.tree.leaves(state.importance), strict=True
        ):
            assert (new >= old).all()
            assert float(new.sum()) > float(old.sum())
        for at, w in zip(
            jax.tree.leaves(state.anchor), jax.tree.leaves(split(careful)[0]), strict=True
        ):
            assert jnp.array_equal(at, w)
    kept, lost = (accuracy(own, images[0], labels) for own in (careful, forgetful))
    assert kept > lost + 0.3, (kept, lost)
