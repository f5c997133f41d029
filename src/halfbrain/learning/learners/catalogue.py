"""Learners by name, each as large as a budget of parameters allows.

Two hidden layers of equal width, as in Iyer et al. 2022 (arXiv 2201.00042). Each learner has one
knob, with the same number of settings to try: the learning rate; for spike timing, which has none
to choose, how bright the pictures are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from halfbrain.errors import RunError
from halfbrain.learning.learners.learner import Learner
from halfbrain.learning.learners.sizes import Make
from halfbrain.learning.mnist import SIDE

RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
BRIGHTNESS = (32.0, 63.75, 95.0, 127.5, 160.0)  # Hz; Diehl and Cook: 63.75, BindsNET: 127.5


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
