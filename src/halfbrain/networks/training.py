"""Loss, training steps and accuracy, the same for every network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array

from halfbrain.networks.parts import settle, split, split_fixed

Network = TypeVar("Network", bound=Callable[..., Array])


def loss(
    network: Callable[..., Array],
    x: Array,
    labels: Array,
    contexts: Array | None = None,
    which: Array | int = 0,
) -> Array:
    """The mean cross-entropy, in nats, of the ``labels`` (batch,) given ``x`` (batch, inputs)."""
    logits = network(x, contexts, which)
    return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(logits, labels))


def start(optimiser: optax.GradientTransformation, network: Callable[..., Array]) -> optax.OptState:
    """The state of an optimiser that has seen nothing."""
    return optimiser.init(split(network)[0])


def train(
    network: Network,
    state: optax.OptState,
    optimiser: optax.GradientTransformation,
    images: Array,
    labels: Array,
    order: Array,
    contexts: Array | None = None,
    which: Array | int = 0,
) -> tuple[Network, optax.OptState, Array]:
    """Many steps of the optimiser in one compiled call.

    The arrays of ``network`` and ``state`` are given up: go on with those returned.

    Parameters
    ----------
    images, labels
        the training set: (samples, inputs) and (samples,).
    order
        which samples are in each step's batch: (steps, batch).
    contexts, which
        as the network takes them; ``which`` one number.

    Returns
    -------
    network, state, losses
        losses (steps,), each before its step.
    """
    moves, rest = split_fixed(network)
    given = (optimiser, rest, images, labels, order, contexts, jnp.asarray(which))
    return _scan(given, (moves, state))  # type: ignore[no-any-return]


@eqx.filter_jit(donate="all-except-first")
def _scan(given, moving):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    optimiser, rest, images, labels, order, contexts, which = given

    def step(carry, batch):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        moves, state = carry
        network = eqx.combine(moves, rest)
        x, y = images[batch], labels[batch]
        value, network, state = train_step(network, state, optimiser, x, y, contexts, which)
        return (split_fixed(network)[0], state), value

    (moves, state), losses = jax.lax.scan(step, moving, order)
    return eqx.combine(moves, rest), state, losses


def train_step(
    network: Network,
    state: optax.OptState,
    optimiser: optax.GradientTransformation,
    x: Array,
    labels: Array,
    contexts: Array | None = None,
    which: Array | int = 0,
) -> tuple[Array, Network, optax.OptState]:
    """One step: the loss before it, and the network and the optimiser's state after it."""
    learns, rest = split(network)

    def of(learns: Network) -> Array:
        return loss(eqx.combine(learns, rest), x, labels, contexts, which)

    value, gradient = jax.value_and_grad(of)(learns)
    change, state = optimiser.update(gradient, state, learns)
    learns = eqx.apply_updates(learns, change)
    return value, settle(eqx.combine(learns, rest)), state


def accuracy(
    network: Callable[..., Array],
    images: Array,
    labels: Array,
    contexts: Array | None = None,
    infer: Callable[[Array, Array], Array] | None = None,
    batch: int = 2000,
) -> float:
    """The share of the images (samples, inputs) whose largest logit is their label's.

    ``infer(contexts, images)`` says which context each image is in; without it, the first.
    """
    right = 0
    for at in range(0, len(labels), batch):
        x, y = images[at : at + batch], labels[at : at + batch]
        which = infer(contexts, x) if infer is not None and contexts is not None else 0
        right += int(_right(network, x, y, contexts, jnp.asarray(which)))
    return right / len(labels)


@eqx.filter_jit
def _right(
    network: Callable[..., Array], x: Array, labels: Array, contexts: Array | None, which: Array
) -> Array:
    return jnp.sum(jnp.argmax(network(x, contexts, which), axis=1) == labels)
