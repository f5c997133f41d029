"""The network of Diehl and Cook, to which one image after the other is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit
from halfbrain.circuits.named.diehl_cook import NORM, PIXELS, diehl_cook
from halfbrain.engine.point.group import PointGroup
from halfbrain.engine.point.trials import Normalisation, forget
from halfbrain.equations.steps import nearest_step
from halfbrain.learning.held import Held
from halfbrain.learning.schedule import Schedule

PLASTIC = 0  # which projection is from the pixels
_REST = {"E": -65e-3, "I": -60e-3}  # volt


def circuit(schedule: Schedule, *, learns: bool) -> Circuit:
    """The circuit; one that learns no more has neither plasticity nor a threshold that grows."""
    # As an array, the rates can be set for each pixel.
    built = diehl_cook(schedule.neurons, rate=np.ones(PIXELS), inhibition=schedule.inhibition)
    if learns:
        return built
    projection = built.projections[PLASTIC]
    assert projection.plasticity
    still = replace(projection.plasticity, pre={}, post={}, on_pre="", on_post="")
    projections = list(built.projections)
    projections[PLASTIC] = replace(projection, plasticity=still)
    excitatory = built.population("E")
    assert isinstance(excitatory.model, Neuron)
    constants = {**excitatory.model.constants, "theta_plus": "0 mV"}
    cell = replace(excitatory.model, constants=constants)
    populations = tuple(replace(p, model=cell) if p is excitatory else p for p in built.populations)
    return replace(built, populations=populations, projections=tuple(projections))


class Shown:
    """The network in memory.

    Parameters
    ----------
    schedule
        its size, and how images are shown.
    taught
        a network that has learnt; this one then has its weights and thresholds and keeps them.
        Default: it learns.

    Attributes
    ----------
    simulation
        of the circuit, on one thread: it is too small for more.
    steps
        of a showing.
    spikes
        of all neurons in the last showing.
    """

    def __init__(self, schedule: Schedule, taught: Shown | None = None) -> None:
        self._schedule, self._learns = schedule, taught is None
        # A seed of its own, or the first images would be tested with the spikes that taught them.
        seed = schedule.seed if self._learns else schedule.seed + 2**32
        self.simulation = PointGroup(circuit(schedule, learns=self._learns), seed=seed, threads=1)
        self._normalisation = Normalisation(self.simulation, PLASTIC, NORM * 1e-3)
        self.steps = int(nearest_step(schedule.milliseconds * 1e-3, self.simulation.dt))
        own = self.simulation.populations["E"]
        self._own = slice(own.start, own.stop)
        self._counts = np.zeros(self.simulation.layout.first[-1], np.int64)
        self.simulation.on_spikes = self._count
        self.spikes = 0
        self._theta: NDArray[np.float64] | None = None
        if taught is not None:
            self.take(taught)

    def take(self, taught: Shown) -> None:
        """Take the weights and thresholds of a network that learns, as they are now."""
        self._theta = taught.simulation.state("E", "theta")
        weights = taught.simulation.connections(PLASTIC).weights
        self.simulation.set_weights(PLASTIC, weights)

    def show(self, image: NDArray[np.uint8], trial: int, held: Held) -> NDArray[np.int64]:
        """Show an image from rest; the spikes of each excitatory neuron.

        Parameters
        ----------
        image
            brightness of each pixel (784), 0 to 255.
        trial
            which showing this is. A network that learns no more responds to an image and a trial
            in one way, whatever it was shown before.
        held
            what holds Ctrl-C back.
        """
        if self._learns:
            self._normalisation.apply()
        self._rest(trial * self.steps)
        self.simulation.set_state("X", "rate", image * (self._schedule.rate_hz / 255))
        self._counts[:] = 0
        held.run(self.simulation, self.steps)
        self.spikes = int(self._counts.sum())
        return self._counts[self._own].copy()

    def finish(self, trials: int) -> None:
        """End learning: weights add up as they do before each image, and nothing is on its way."""
        self._normalisation.apply()
        self._rest(trials * self.steps)

    def _rest(self, step: int) -> None:
        for population, volt in _REST.items():
            self.simulation.set_state(population, "v", volt)
        if self._theta is not None:
            self.simulation.set_state("E", "theta", self._theta)
        forget(self.simulation, step)

    def _count(self, _: NDArray[np.int64], neurons: NDArray[np.int64]) -> None:
        self._counts += np.bincount(neurons, minlength=len(self._counts))
