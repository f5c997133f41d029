"""What a simulation knows of a kind of neurons: one contract, for point neurons and detailed cells.

A group advances to a step, tells of the spikes made, takes spikes of neurons that are elsewhere,
gives its state as named arrays, and says what it cost. Neurons of another group stand in it as
populations of given spikes, from which projections go out as from any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from halfbrain.engine.packed import Part
from halfbrain.program.cost import Phase
from halfbrain.recording.spikes import Spikes

Ints = NDArray[np.int64]


class CellGroup(Protocol):
    """Neurons of one kind, stepped together in steps of ``dt`` seconds.

    Attributes
    ----------
    on_spikes
        is called with steps and neurons (numbered in the group) of new spikes, sorted by both.
    """

    on_spikes: Callable[[Ints, Ints], object]

    @property
    def step(self) -> int:
        """How many steps were made."""
        ...

    @property
    def wall_seconds(self) -> float:
        """Wall time of the run so far."""
        ...

    @property
    def dt(self) -> float:
        """The time step, seconds."""
        ...

    @property
    def seconds(self) -> float:
        """Biological time that has been simulated."""
        ...

    @property
    def neurons(self) -> int:
        """Neurons; sources that only play out given spikes are none."""
        ...

    @property
    def synapses(self) -> int:
        """Synapses onto them."""
        ...

    @property
    def populations(self) -> dict[str, range]:
        """The numbers of each population's neurons."""
        ...

    @property
    def spikes(self) -> Spikes:
        """All spikes since the start, unless ``on_spikes`` was set to take them elsewhere."""
        ...

    def run(self, seconds: float, progress: Callable[[float], object] | None = None) -> None:
        """Go on for some biological time; ``progress`` is told the seconds done."""
        ...

    def advance(self, steps: int) -> None:
        """Make so many steps; nothing interrupts them."""
        ...

    def take(self, spikes: Mapping[str, tuple[Ints, Ints]]) -> None:
        """Steps (rising, from now on) and neurons of spikes of populations of given spikes.

        All that it was told of before has been played.
        """
        ...

    def cost(self, cache_bytes: int) -> list[Phase]:
        """What the run so far cost, by phase; state that fits in ``cache_bytes`` stays there."""
        ...

    def memory(self) -> dict[str, int]:
        """Bytes of synapses and of neurons."""
        ...

    @property
    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on from a checkpoint."""
        ...

    def parts(self) -> dict[str, Part]:
        """All that changes in a run, by name."""
        ...

    def put_back(self, parts: Mapping[str, Part]) -> None:
        """Set all that to what :meth:`parts` gave."""
        ...
