"""A compiled loop with its arguments, and what it does in all its turns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.lanes import Loop
from halfbrain.program.operations import Kind


@dataclass(slots=True, eq=False)
class Call:
    """A loop, which is compiled when it is first asked for, and the operations of all its lanes.

    ``bytes`` are those of the rows that it reads or writes, ``rows`` their numbers.
    """

    loop: Loop
    arguments: NDArray[np.int64]
    operations: Counter[Kind]
    keep_alive: Any
    bytes: int = 0
    rows: tuple[int, ...] = ()
    _pair: tuple[int, int] | None = field(default=None, init=False)

    @property
    def pair(self) -> tuple[int, int]:
        """Addresses of the loop and of its arguments."""
        if self._pair is None:
            self._pair = self.loop.compiled().go.address, self.arguments.ctypes.data
        return self._pair

    def let_go(self) -> None:
        """Give up the loop, whose program takes as much as some cells: a run needs addresses."""
        del self.loop
