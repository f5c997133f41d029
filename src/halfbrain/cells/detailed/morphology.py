"""A neuron's shape: unbranched sections, each a chain of points with diameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError

Points = NDArray[np.float32]
Floats = NDArray[np.float64]

REGIONS = ("soma", "axon", "basal", "apical")
LARGEST = 1e7  # um: ten metres


@dataclass(frozen=True)
class Section:
    """An unbranched piece of one region.

    ``points`` are x, y, z and diameter in um, shape (n, 4) with n > 1, in single precision as in
    MorphIO and NEURON. The section's start is joined to ``parent`` (a number, -1 for the root) at
    the place ``at`` along it, from 0 to 1. ``cylinders``, where given, are the diameters of equally
    long cylinders that stand for the points' frusta: the stub that replaces an axon.
    """

    region: str
    parent: int
    at: float
    points: Points
    cylinders: tuple[float, ...] = ()

    @cached_property
    def arc(self) -> Floats:
        """The path's length up to each point in um, shape (n,)."""
        steps = np.diff(self.points[:, :3], axis=0).astype(np.float64)
        return np.concatenate(([0.0], np.cumsum(np.sqrt((steps**2).sum(axis=1)))))

    @property
    def length(self) -> float:
        """The path's length in um."""
        return float(self.arc[-1])


@dataclass(frozen=True)
class Morphology:
    """Sections, a parent before its children; the first is the soma."""

    sections: tuple[Section, ...]
    source: str


def read(path: str | Path) -> Morphology:
    """Read and check a morphology: SWC; Neurolucida ASC and HDF5, by MorphIO.

    Sections are those that NEURON's Import3d makes of the same file.

    Raises
    ------
    DataError
        one line that names the file, where it can the line, and what is wrong.
    """
    from halfbrain.cells.detailed import neurolucida, swc

    file = Path(path)
    kind = file.suffix.lower()
    if kind not in (".swc", ".asc", ".h5"):
        raise DataError(f"{file}: a morphology is a .swc, .asc or .h5 file")
    if not file.is_file():
        raise DataError(f"{file}: there is no such file")
    return swc.read(file) if kind == ".swc" else neurolucida.read(file)
