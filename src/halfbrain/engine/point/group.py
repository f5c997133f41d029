"""Point neurons as a group of cells: see :class:`halfbrain.engine.group.CellGroup`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halfbrain.engine.packed import Part
from halfbrain.engine.point.cost import memory_bytes, phases
from halfbrain.engine.point.state import identity, restore, state
from halfbrain.engine.point.stepped import Stepped
from halfbrain.program.cost import Phase


class PointGroup(Stepped):
    """A circuit of point neurons in memory, which runs, and whose state can be kept."""

    def cost(self, cache_bytes: int = 0) -> list[Phase]:
        """What the run so far cost, by phase: see :func:`phases`."""
        return phases(self, cache_bytes)

    def memory(self) -> dict[str, int]:
        """Bytes of the synapses, and of the neurons with what they receive."""
        return memory_bytes(self)

    @property
    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        return identity(self)

    def parts(self) -> dict[str, Part]:
        """All that changes in a run, by name."""
        return state(self)

    def put_back(self, parts: Mapping[str, Part]) -> None:
        """Set all that to what :meth:`parts` gave."""
        restore(self, parts)
