"""What a learner is made for, and how large a budget of parameters lets it be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from halfbrain.errors import RunError
from halfbrain.learning.learners.learner import Meter
from halfbrain.learning.tasks.task import Task

WINNERS = 16  # of a layer at least; 5 % of few units would leave too few
ON, DENSITY = 0.05, 0.5  # Iyer et al.: share of units that win, and of weights that are there


@dataclass(frozen=True)
class Make:
    """What a learner is made for: a task, a size, a setting of its knob, a batch, a seed.

    ``units`` are those of each hidden layer; where they are given they count, not ``parameters``.
    """

    task: Task
    parameters: int
    units: int | None
    knob: float
    batch: int
    seed: int
    meter: Meter


def width(parameters: int, count: Callable[[int], int], name: str, least: int = 1) -> int:
    """The largest width whose ``count`` of parameters is within a budget.

    Raises
    ------
    RunError
        one line, if even the least width takes more.
    """
    if count(least) > parameters:
        raise RunError(f"{name}: needs {count(least):,} parameters at least, not {parameters:,}")
    low, high = least, least + 1
    while count(high) <= parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) <= parameters else (low, middle)
    return low


def winners(units: int) -> float:
    """The share of a layer that wins."""
    return min(1.0, max(ON, WINNERS / units))


def _linear(inputs: int, outputs: int, density: float = 1.0) -> int:
    """Parameters of a layer with a mask."""
    return outputs * (max(1, round(density * inputs)) + 1)


def mlp_parameters(features: int, h: int, classes: int) -> int:
    """Weights and biases of features -> h -> h -> classes."""
    return _linear(features, h) + _linear(h, h) + _linear(h, classes)


def spiking_parameters(features: int, h: int, classes: int) -> int:
    """The same without biases in the second hidden layer, which hears spikes alone."""
    return mlp_parameters(features, h, classes) - h


def sparse_parameters(features: int, h: int, classes: int) -> int:
    """The same with masks in every layer."""
    layers = ((features, h), (h, h), (h, classes))
    return sum(_linear(inputs, outputs, DENSITY) for inputs, outputs in layers)


def dendrite_parameters(features: int, h: int, classes: int, segments: int) -> int:
    """The same with segments on each hidden unit, each as wide as the context: the features."""
    return sparse_parameters(features, h, classes) + 2 * h * segments * features
