"""A task after the other, as the Active Dendrites paper trains: a new optimiser for each task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from halfbrain.networks.dendrites import ActiveDendrites
from halfbrain.networks.intelligence import Intelligent, consolidate
from halfbrain.networks.one_context import closed, is_full, opened
from halfbrain.networks.parts import split
from halfbrain.networks.training import start, train

Network = TypeVar("Network", bound=Callable[..., Array])
_STEPS = 100  # to a compiled call, so that progress can be told
PLACES = 2.0  # segments a unit, on average, that learn in one task; doubled where it is too few


def in_one_context(
    network: ActiveDendrites,
    optimiser: optax.GradientTransformation,
    images: Array,
    labels: Array,
    order: Array,
    context: Array,
    told: Callable[[int], object] = lambda steps: None,
    places: float = PLACES,
) -> tuple[ActiveDendrites, np.ndarray]:
    """The network after a task, trained by an optimiser that is new; and each step's loss.

    The steps are those of :func:`halfbrain.networks.training.train`, without the segments that
    no unit calls for. ``order`` is (steps, batch), ``context`` (size,); ``told`` hears how many
    steps are done. ``network`` stays as it was.
    """
    while True:
        part = opened(network, context, places)
        part, losses = plain(part, optimiser, images, labels, order, None, told)
        if not is_full(part):
            return closed(part), losses
        places *= 2


def plain(
    network: Network,
    optimiser: optax.GradientTransformation,
    images: Array,
    labels: Array,
    order: Array,
    contexts: Array | None = None,
    told: Callable[[int], object] = lambda steps: None,
) -> tuple[Network, np.ndarray]:
    """Any network after a task, trained by an optimiser that is new; and each step's loss.

    The arrays of ``network`` are given up.
    """
    network, _, losses = _steps(
        network, start(optimiser, network), optimiser, images, labels, order, contexts, told
    )
    return network, losses


def with_intelligence(
    network: Network,
    state: Intelligent,
    optimiser: optax.GradientTransformation,
    images: Array,
    labels: Array,
    order: Array,
    contexts: Array | None = None,
    told: Callable[[int], object] = lambda steps: None,
    damping: float = 0.1,
) -> tuple[Network, Intelligent, np.ndarray]:
    """A network after a task and what Synaptic Intelligence took from it; each step's loss.

    ``optimiser`` is one of :func:`halfbrain.networks.intelligence.synaptic_intelligence`, and
    ``state`` its own, from :func:`halfbrain.networks.training.start` or the task before: the paper
    trains all tasks with one. The arrays of both are given up.
    """
    network, state, losses = _steps(
        network, state, optimiser, images, labels, order, contexts, told
    )
    return network, consolidate(state, split(network)[0], damping), losses


def _steps(
    network: Network,
    state: Any,  # noqa: ANN401
    optimiser: optax.GradientTransformation,
    images: Array,
    labels: Array,
    order: Array,
    contexts: Array | None,
    told: Callable[[int], object],
) -> tuple[Network, Any, np.ndarray]:
    losses = []
    for at in range(0, len(order), _STEPS):
        network, state, some = train(
            network, state, optimiser, images, labels, order[at : at + _STEPS], contexts
        )
        losses.append(np.asarray(some))
        told(at + len(some))
    return network, state, np.concatenate(losses)


def epochs(key: Array, samples: int, batch: int, times: int) -> Array:
    """Which samples are in each step's batch, all in a new order in each epoch: (steps, batch).

    The last samples of an epoch that fill no batch are left out of it.
    """
    whole = samples // batch
    keys = jax.random.split(key, times)
    orders = [jax.random.permutation(key, samples)[: whole * batch] for key in keys]
    return jnp.concatenate(orders).reshape(times * whole, batch)
