"""A neuron's shape: unbranched sections, each a chain of points with diameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError
from halfbrain.reading import file_bytes

Points = NDArray[np.float32]
Floats = NDArray[np.float64]

REGIONS = ("soma", "axon", "basal", "apical")
LARGEST = 1e7  # um: ten metres


@dataclass(frozen=True)
class Section:
    """An unbranched piece of one region.

    ``points`` are x, y, z and diameter in um, shape (n, 4) with n > 1, in single precision as in
    MorphIO and NEURON. The section's start is joined to ``parent`` (a number, -1 for a root) at
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
    """Sections, a parent before its children; the first is a root, and the soma where there is one.

    There are several roots where a file holds trees that are not joined. ``notes`` are one line
    each: what of the file was read in a way that its author may not have meant.
    """

    sections: tuple[Section, ...]
    source: str
    notes: tuple[str, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """The region of each section."""
        return tuple(section.region for section in self.sections)


def text_of(file: Path) -> str:
    """A file's text: UTF-8, or Latin-1 as in older files' comments.

    Raises
    ------
    DataError
        if it cannot be read, or holds zero bytes.
    """
    try:
        content = file_bytes(file)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror})") from error
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        raise DataError(f"{file}:{line}: cannot be read as text: it holds zero bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
