"""A task: parts that are learnt one after another, each with examples to learn and to test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs (examples, features), from 0 to 1, and the class of each (examples)."""

    x: Floats
    y: Ints

    def __len__(self) -> int:
        return len(self.y)

    def take(self, which: Ints) -> Examples:
        """Those examples, in that order."""
        return Examples(self.x[which], self.y[which])

    @cached_property
    def prototype(self) -> Floats:
        """The mean input (features): what tells one part from another, without a label."""
        mean: Floats = self.x.mean(axis=0, dtype=np.float64).astype(np.float32)
        return mean


@dataclass(frozen=True)
class Part:
    """What is learnt at one time, and what it is tested on."""

    train: Examples
    test: Examples


@dataclass(frozen=True)
class Task:
    """A task.

    Attributes
    ----------
    name, title
        as it is asked for, and as it is printed.
    source
        of the data.
    shape
        of an input: (height, width) of a picture, (length,) of a series.
    classes
        how many there are, all parts together.
    parts
        learnt in this order; one that is over is not shown again.

    Raises
    ------
    DataError
        one line, if shapes, classes or numbers are not what they must be.
    """

    name: str
    title: str
    source: str
    shape: tuple[int, ...]
    classes: int
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise DataError(f"{self.name}: has no part")
        for k, part in enumerate(self.parts):
            for which, examples in (("train", part.train), ("test", part.test)):
                self._check(f"{self.name}: part {k + 1}, {which}", examples)

    def _check(self, where: str, examples: Examples) -> None:
        x, y = examples.x, examples.y
        if x.ndim != 2 or y.ndim != 1 or len(x) != len(y):
            raise DataError(
                f"{where}: inputs are (examples, features) with a class for each, "
                f"not of shape {x.shape} with {y.shape}"
            )
        if not len(y):
            raise DataError(f"{where}: there is no example")
        if x.shape[1] != self.features:
            raise DataError(f"{where}: an input has {x.shape[1]} features, not {self.features}")
        if not np.isfinite(x).all() or x.min() < 0 or x.max() > 1:
            raise DataError(f"{where}: inputs are finite and from 0 to 1")
        if y.min() < 0 or y.max() >= self.classes:
            raise DataError(f"{where}: classes are 0 to {self.classes - 1}")

    @property
    def features(self) -> int:
        """Numbers in an input."""
        return int(np.prod(self.shape))

    def held_out(self, share: float = 0.2) -> Task:
        """The task with the last ``share`` of what is to be learnt in the place of the tests.

        Learning rates are chosen on these, so that the tests are seen by nobody before the end.
        """
        parts = []
        for part in self.parts:
            keep = len(part.train) - max(1, round(share * len(part.train)))
            if keep < 1:
                raise DataError(f"{self.name}: too few examples to hold some back")
            every = np.arange(len(part.train))
            parts.append(Part(part.train.take(every[:keep]), part.train.take(every[keep:])))
        return Task(self.name, self.title, self.source, self.shape, self.classes, tuple(parts))
