"""The network of Diehl and Cook as a learner: spike timing alone, and labels for what came of it.

Its classes are those of the last thousand examples that it was shown while it learnt; what it
answers to a test is worked out by a second network, which has its weights and learns no more.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.learning import votes
from halfbrain.learning.held import Held
from halfbrain.learning.learners.learner import Meter
from halfbrain.learning.mnist import SIDE
from halfbrain.learning.schedule import Schedule
from halfbrain.learning.shown import Shown
from halfbrain.learning.tasks.task import Examples, Floats, Ints

REMEMBERED = 1000  # showings that give the labels


class Stdp:
    """Diehl and Cook's network.

    Parameters
    ----------
    neurons
        excitatory ones.
    shape
        of a picture; one that is smaller than 28 x 28 is enlarged in whole pixels and framed.
    classes
        of the task.
    rate_hz
        spikes a second of a pixel as bright as can be.
    seed
        of weights and spikes.
    meter
        what counts a simulation's operations.

    Raises
    ------
    RunError
        one line, for inputs that are no picture or a larger one.
    """

    def __init__(
        self,
        neurons: int,
        shape: tuple[int, ...],
        classes: int,
        rate_hz: float,
        seed: int,
        meter: Meter,
        batch: int,
    ) -> None:
        if len(shape) != 2 or max(shape) > SIDE:
            raise RunError(
                f"stdp: looks at pictures of up to {SIDE} x {SIDE} pixels, "
                f"not at {' x '.join(map(str, shape))}; leave it out for this task"
            )
        schedule = Schedule(neurons, seed=seed, rate_hz=rate_hz)
        self.batch = batch
        self.bio_seconds: float | None = schedule.milliseconds * 1e-3
        self.parameters = neurons * (SIDE * SIDE + 1)  # plastic weights and thresholds
        self._shape, self._classes, self._meter = shape, classes, meter
        self._learner = Shown(schedule)
        self._tester: Shown | None = None
        self._schedule = schedule
        self._trials, self._tested = 0, 0
        self._remembered: deque[tuple[NDArray[np.int64], int]] = deque(maxlen=REMEMBERED)

    def begin(self, part: int, examples: Examples) -> None:
        """Nothing tells this network that another part begins."""

    def train(self, examples: Examples, order: Ints) -> float:
        """Show the examples one by one; there is no loss, so 0."""
        with Held() as held:
            for k in order:
                response = self._learner.show(self._picture(examples.x[k]), self._trials, held)
                self._remembered.append((response, int(examples.y[k])))
                self._trials += 1
        if held.pressed:
            raise KeyboardInterrupt
        return 0.0

    def predict(self, x: Floats) -> Ints:
        """The class whose neurons respond most."""
        self._learner.finish(self._trials)
        if self._tester is None:
            self._tester = Shown(self._schedule, self._learner)
        self._tester.take(self._learner)
        responses = np.array([response for response, _ in self._remembered])
        classes = np.array([label for _, label in self._remembered])
        labels = votes.label_neurons(responses, classes, self._classes)
        heard = []
        with Held() as held:
            for example in x:
                heard.append(self._tester.show(self._picture(example), self._tested, held))
                self._tested += 1
        if held.pressed:
            raise KeyboardInterrupt
        return votes.all_activity(np.array(heard), labels)

    def flop(self) -> float:
        """Counted by the meter."""
        return float(self._meter(self._learner.simulation, self._trials))

    def effective_share(self) -> float:
        """Events that do not happen cost nothing: all are effective."""
        return 1.0

    def _picture(self, x: Floats) -> NDArray[np.uint8]:
        height, width = self._shape
        times = SIDE // max(height, width)
        large = np.kron(x.reshape(height, width), np.ones((times, times), np.float32))
        top, left = (SIDE - large.shape[0]) // 2, (SIDE - large.shape[1]) // 2
        framed = np.zeros((SIDE, SIDE), np.uint8)
        framed[top : top + large.shape[0], left : left + large.shape[1]] = np.rint(255 * large)
        return framed.ravel()
