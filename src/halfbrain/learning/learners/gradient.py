"""A network that learns by gradients: Adam on the cross-entropy, one batch after the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from halfbrain.learning.tasks.task import Examples, Floats, Ints
from halfbrain.networks import training
from halfbrain.networks.count import count
from halfbrain.networks.dendrites import nearest
from halfbrain.networks.effective import effective

STEPS = 4  # steps of the optimiser in one compiled call
_TESTED = 500  # inputs that are classified at a time


@cache
def _adam() -> optax.GradientTransformationExtraArgs:
    """Adam with its rate in its state, so that another rate is no other program."""
    return optax.inject_hyperparams(optax.adam)(learning_rate=0.0)


class Gradient:
    """A network, its optimiser and the contexts that it has met.

    Parameters
    ----------
    network
        called as ``network(x, contexts, which)``; it gives logits (batch, classes).
    parameters
        how many numbers in it can change.
    parts
        of the task: each has a context, the mean of its inputs, and an input is taken to be of
        the part whose context is nearest. Networks without contexts pay no heed to them.
    rate
        the learning rate.
    batch
        examples to a step.
    bio_seconds
        of an example, for a network with time.
    """

    def __init__(
        self,
        network: Callable[..., Array],
        parameters: int,
        parts: int,
        features: int,
        rate: float,
        batch: int,
        bio_seconds: float | None = None,
    ) -> None:
        self.parameters, self.batch, self.bio_seconds = parameters, batch, bio_seconds
        self._network, self._rate = network, rate
        self._contexts = np.zeros((parts, features), np.float32)
        self._met, self._part, self._steps = 0, 0, 0
        self._counted: int | None = None
        self._shown: tuple[Array, Array] | None = None
        self._held: tuple[int, Array, Array] | None = None
        self._start()

    def _start(self) -> None:
        self._state = training.start(_adam(), self._network)
        self._state.hyperparams["learning_rate"] = jnp.asarray(self._rate, jnp.float32)

    def begin(self, part: int, examples: Examples) -> None:
        """The part's context is the mean of its inputs; the optimiser begins anew (Iyer et al.)."""
        self._contexts[part] = examples.prototype
        self._part, self._met = part, max(self._met, part + 1)
        # A part that is not met yet is as far as can be, so that no input is taken for one of it.
        self._contexts[self._met :] = 1e3
        if part:
            self._start()

    def train(self, examples: Examples, order: Ints) -> float:
        """Steps of the optimiser, ``batch`` examples each."""
        images, labels = self._on_device(examples)
        batches = order.reshape(-1, self.batch)
        self._network, self._state, losses = training.train(
            self._network,
            self._state,
            _adam(),
            images,
            labels,
            jnp.asarray(batches),
            self._seen(),
            self._part,
        )
        self._steps += len(batches)
        self._shown = (images[batches[-1]], labels[batches[-1]])
        return float(losses.mean())

    def predict(self, x: Floats) -> Ints:
        """The class with the largest logit, in the context whose prototype is nearest."""
        answers = []
        for at in range(0, len(x), _TESTED):
            some = x[at : at + _TESTED]
            padded = np.zeros((_TESTED, x.shape[1]), np.float32)  # one shape, one program
            padded[: len(some)] = some
            found = _answers(
                self._network, jnp.asarray(padded), self._seen(), jnp.asarray(self._contexts)
            )
            answers.append(np.asarray(found)[: len(some)].astype(np.int64))
        return np.concatenate(answers)

    def flop(self) -> float:
        """Of all steps so far: forward, backward and the optimiser."""
        return float(self._steps * self._step_flop()) if self._steps else 0.0

    def effective_share(self) -> float:
        """Of the last step, done once more equation by equation."""
        dense = self._step_flop()
        if not dense:
            return 1.0
        done = effective(_step, *self._example())
        return (dense - 2 * done.dense + 2 * done.macs + done.acs) / dense

    def _seen(self) -> Array:
        # What stands for contexts not met yet is for `nearest` alone.
        met = np.arange(len(self._contexts))[:, None] < self._met
        return jnp.asarray(np.where(met, self._contexts, 0.0), jnp.float32)

    def _on_device(self, examples: Examples) -> tuple[Array, Array]:
        if self._held is None or self._held[0] != id(examples):
            self._held = (id(examples), jnp.asarray(examples.x), jnp.asarray(examples.y))
        return self._held[1:]

    def _step_flop(self) -> int:
        if self._counted is None and self._shown is not None:
            self._counted = count(_step, *self._example()).flop  # shapes alone count
        return self._counted or 0

    def _example(self) -> tuple[Any, ...]:
        assert self._shown is not None
        return self._network, self._state, *self._shown, self._seen()


@eqx.filter_jit
def _answers(network: Callable[..., Array], x: Array, seen: Array, contexts: Array) -> Array:
    return jnp.argmax(network(x, seen, nearest(contexts, x)), axis=1)


def _step(network: Any, state: Any, x: Array, y: Array, contexts: Array) -> Any:  # noqa: ANN401
    return training.train_step(network, state, _adam(), x, y, contexts, 0)
