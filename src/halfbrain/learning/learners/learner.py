"""What every learner can do, whatever it is inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from halfbrain.engine.point.group import PointGroup
from halfbrain.learning.tasks.task import Examples, Floats, Ints

# Floating-point operations that a simulation has done so far; it is told how many trials were
# shown. The meter is downstream of learning, so whoever asks for a learner hands it in.
Meter = Callable[[PointGroup, int], int]


class Learner(Protocol):
    """A learner of one task.

    Attributes
    ----------
    parameters
        numbers that it can change; weights held at zero by a mask are not among them.
    batch
        examples that it learns from at a time.
    bio_seconds
        of life that an example takes; None where the model has no time of its own.
    """

    parameters: int
    batch: int
    bio_seconds: float | None

    def begin(self, part: int, examples: Examples) -> None:
        """Begin a part; its inputs may be looked at, its classes may not."""

    def train(self, examples: Examples, order: Ints) -> float:
        """Learn from examples in an order (a multiple of ``batch``); the mean loss, NaN if lost."""

    def predict(self, x: Floats) -> Ints:
        """The class of each input; -1 for no answer. Nothing is learnt."""

    def flop(self) -> float:
        """Floating-point operations of learning so far, products with a zero among them."""

    def effective_share(self) -> float:
        """The share of them that is left without products with a zero, as it is now."""
