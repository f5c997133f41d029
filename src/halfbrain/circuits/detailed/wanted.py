"""What is asked to be recorded of detailed cells, besides their spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Places = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Wanted:
    """A report: which variables of which neurons, every how many ms, into which file.

    Without ``regions`` it is of the somata's middles, else of all compartments of these; or of the
    ``places`` (neurons, sections, positions from 0 to 1) by population. A variable is ``v``, an
    ion's (``cai``), or one of a mechanism with its name (``m_hh``). Frames are from ``start`` to
    ``stop`` ms.
    """

    name: str
    neurons: Mapping[str, list[int]]
    every: float
    file: Path
    variables: tuple[str, ...] = ("v",)
    regions: tuple[str, ...] = ()
    places: Mapping[str, Places] = field(default_factory=dict)
    start: float = 0.0
    stop: float = float("inf")
