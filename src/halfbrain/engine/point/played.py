"""Input that changes with time: values that the loop writes into neurons at given steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.point import loop
from halfbrain.engine.point.layout import Layout
from halfbrain.engine.point.neurons import Neurons
from halfbrain.engine.point.watched import addresses

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Input:
    """Rows of ``values`` (steps, neurons), in SI, for a variable of neurons of a population.

    A row is written at the start of its step, before the neurons move on, and stays until the
    next one. ``steps`` rise.
    """

    population: int
    variable: str
    neurons: Ints
    steps: Ints
    values: NDArray[np.float64]


class Played:
    """All inputs of a circuit, as the loop takes them: ``described`` (inputs, numbers)."""

    def __init__(self, parts: int) -> None:
        self._parts = parts
        self.inputs: list[Input] = []
        self._arrays: list[tuple[NDArray[np.generic], ...]] = []  # the loop has their addresses
        self.described = np.zeros((0, loop.INPUT), np.int64)

    def place(self, neurons: Mapping[int, Neurons], layout: Layout) -> None:
        """Find where the inputs' variables are; at first, and where neurons have moved."""
        self._arrays = []
        rows = []
        for one in self.inputs:
            of, slices = neurons[one.population], layout.slices[one.population]
            found = np.array(addresses(of, slices, one.variable, one.neurons)[1], np.int64)
            order = np.argsort(found[:, 1], kind="stable")
            begins = np.searchsorted(found[order, 1], np.arange(self._parts + 1))
            values = np.ascontiguousarray(one.values[:, order])
            arrays = one.steps, values, found[order, 0], begins.astype(np.int64)
            self._arrays.append(arrays)
            rows.append([*values.shape, *(int(array.ctypes.data) for array in arrays)])
        self.described = np.array(rows, np.int64).reshape(-1, loop.INPUT)

    def cursors(self, step: int) -> Ints:
        """For each input and part the first row that is of this step or later."""
        found = [np.searchsorted(one.steps, step) for one in self.inputs]
        return np.repeat(np.array(found, np.int64).reshape(-1, 1), self._parts, axis=1)
