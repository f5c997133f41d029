"""The networks that learn by gradients, made to the size that a budget of parameters allows."""

from __future__ import annotations

from collections.abc import Callable

import jax
from jax import Array

from halfbrain.learning.learners import transformer
from halfbrain.learning.learners.gradient import Gradient
from halfbrain.learning.learners.sizes import (
    DENSITY,
    Make,
    dendrite_parameters,
    mlp_parameters,
    sparse_parameters,
    spiking_parameters,
    width,
    winners,
)
from halfbrain.learning.learners.sparse import Sparse
from halfbrain.learning.learners.spiking import Shown
from halfbrain.networks.dendrites import ActiveDendrites
from halfbrain.networks.mlp import Mlp

Made = tuple[Callable[..., Array], int, float | None]  # network, its parameters, bio seconds


def make(name: str, made: Make) -> Gradient:
    """A learner of that name."""
    network, parameters, bio_seconds = MAKERS[name](made, jax.random.key(made.seed))
    parts = len(made.task.parts)
    return Gradient(
        network, parameters, parts, made.task.features, made.knob, made.batch, bio_seconds
    )


def _size(made: Make, count: Callable[[int], int], name: str, least: int = 1) -> int:
    """Hidden units of each layer: those asked for, or as many as the budget allows."""
    return made.units or width(made.parameters, count, name, least)


def _mlp(made: Make, key: Array) -> Made:
    features, classes = made.task.features, made.task.classes

    def count(h: int) -> int:
        return mlp_parameters(features, h, classes)

    h = _size(made, count, "mlp")
    return Mlp.init(key, (features, h, h, classes)), count(h), None


def _spiking(made: Make, key: Array) -> Made:
    features, classes = made.task.features, made.task.classes

    def count(h: int) -> int:
        return spiking_parameters(features, h, classes)

    h = _size(made, count, "spiking")
    network = Shown.init(key, (features, h, h, classes))
    return network, count(h), network.bio_seconds


def _sparse(made: Make, key: Array) -> Made:
    features, classes = made.task.features, made.task.classes

    def count(h: int) -> int:
        return sparse_parameters(features, h, classes)

    h = _size(made, count, "sparse", 2)
    network = Sparse.init(key, (features, h, h, classes), DENSITY, winners(h))
    return network, count(h), None


def _dendrites(made: Make, key: Array) -> Made:
    features, classes = made.task.features, made.task.classes
    segments = len(made.task.parts)

    def count(h: int) -> int:
        return dendrite_parameters(features, h, classes, segments)

    h = _size(made, count, "dendrites", 2)
    network = ActiveDendrites.init(
        key, segments, (features, h, h, classes), context=features, density=DENSITY, on=winners(h)
    )
    return network, count(h), None


def _transformer(made: Make, key: Array) -> Made:
    tokens, size = transformer.tokens_of(made.task.shape)
    heads = transformer.HEADS

    def count(h: int) -> int:
        return transformer.parameters(tokens, size, heads * h, made.task.classes)

    h = max(1, made.units // heads) if made.units else width(made.parameters, count, "transformer")
    network = transformer.Transformer.init(key, tokens, size, heads * h, made.task.classes)
    return network, count(h), None


MAKERS: dict[str, Callable[[Make, Array], Made]] = {
    "mlp": _mlp,
    "dendrites": _dendrites,
    "sparse": _sparse,
    "spiking": _spiking,
    "transformer": _transformer,
}
