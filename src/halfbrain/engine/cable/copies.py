"""Numbers that are copied from one place in memory to another while cells are stepped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from halfbrain.engine.cable.loop import copying


class Copies:
    """Numbers of ``itemsize`` bytes, from addresses to addresses, one after the other."""

    def __init__(self, origins: Sequence[int], targets: Sequence[int], itemsize: int) -> None:
        self._ends = np.array([origins, targets], np.int64)
        ends = [row.ctypes.data for row in self._ends]
        self._arguments = np.array([len(origins), *ends, itemsize], np.int64)

    @property
    def pair(self) -> tuple[int, int]:
        """Addresses of what copies and of its arguments: see :attr:`Call.pair`."""
        return copying().address, self._arguments.ctypes.data
