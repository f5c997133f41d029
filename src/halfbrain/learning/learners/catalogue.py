"""Learners by name, each as large as a budget of parameters allows.

Two hidden layers of equal width, as in Iyer et al. 2022 (arXiv 2201.00042). Each learner has one
knob, with the same number of settings to try: the learning rate; for spike timing, which has none
to choose, how bright the pictures are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from halfbrain.errors import RunError
from halfbrain.learning.learners.learner import Learner, Meter
from halfbrain.learning.mnist import SIDE
from halfbrain.learning.tasks.task import Task

RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
BRIGHTNESS = (32.0, 63.75, 95.0, 127.5, 160.0)  # Hz; Diehl and Cook: 63.75, BindsNET: 127.5
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


@dataclass(frozen=True)
class Kind:
    """A kind of learner.

    Attributes
    ----------
    title
        as it is printed.
    knob, grid
        what is tuned, and the settings to try.
    make
        one of it.
    """

    title: str
    knob: str
    grid: tuple[float, ...]
    make: Callable[[Make], Learner]


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


def _stdp_neurons(made: Make) -> int:
    return made.units or made.parameters // (SIDE * SIDE + 1)


def _stdp(made: Make) -> Learner:
    from halfbrain.learning.learners.stdp import Stdp

    neurons = _stdp_neurons(made)
    if neurons < made.task.classes:
        least = made.task.classes * (SIDE * SIDE + 1)
        raise RunError(
            f"stdp: needs {least:,} parameters at least, a neuron for each class, "
            f"not {made.parameters:,}"
        )
    task = made.task
    return Stdp(neurons, task.shape, task.classes, made.knob, made.seed, made.meter, made.batch)


def _gradient(name: str) -> Callable[[Make], Learner]:
    def make(made: Make) -> Learner:
        from halfbrain.learning.learners import networks

        return networks.make(name, made)

    return make


KINDS: dict[str, Kind] = {
    name: Kind(title, "learning rate", RATES, _gradient(name))
    for name, title in {
        "mlp": "multilayer perceptron",
        "dendrites": "active dendrites (Numenta)",
        "sparse": "sparse weights, k-winners",
        "spiking": "spiking, surrogate gradients",
        "transformer": "transformer",
    }.items()
} | {"stdp": Kind("spiking, STDP (Diehl, Cook)", "brightest pixel, Hz", BRIGHTNESS, _stdp)}


def kind(name: str) -> Kind:
    """A kind of learner by name.

    Raises
    ------
    RunError
        one line, if there is none.
    """
    if name not in KINDS:
        raise RunError(f"no learner {name[:40]!r}; there are {', '.join(KINDS)}")
    return KINDS[name]
