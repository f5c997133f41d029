"""Sections from SWC points, by the rules of NEURON's Import3d (Carnevale and Hines 2006, ch. 5).

A section is a run of points of one kind, each the next one's only parent. It begins with a copy of
the parent's last point, except at the soma, where it is joined to the middle without one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError
from halfbrain.morphology.morphology import REGIONS, Points, Section

_SOMA = 1


@dataclass(frozen=True)
class Samples:
    """The points of a file in order of their numbers: each one's parent is before it.

    A tree's first point has the parent -1.

    ``kinds`` are 1 soma, 2 axon, 3 basal, 4 apical; others are a laboratory's own. ``lines`` are
    those of the file.
    """

    kinds: NDArray[np.int64]
    points: Points
    parents: NDArray[np.int64]
    lines: tuple[int, ...]


def sections(samples: Samples, name: str) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """Cut points into sections, a parent before its children; and what may not be as it was meant.

    A further tree is joined to the first section, as Import3d does: to the middle of a soma, else
    to the end.

    Raises
    ------
    DataError
        if the soma has no length.
    """
    cutter = _Cutter(samples)
    made: list[Section] = []
    number: dict[int, int] = {}
    replaced: dict[int, tuple[int, float]] = {}
    for run in range(len(cutter.runs)):
        parent, at, points = cutter.run(run)
        if parent >= 0:
            at, parent = (at, number[parent]) if parent in number else replaced[parent][::-1]
        # A section without length is left out; its children go to its own parent.
        if run and (points[:, :3] == points[0, :3]).all():
            replaced[run] = (parent, at)
            continue
        number[run] = len(made)
        kind = int(samples.kinds[cutter.runs[run][0]])
        region = REGIONS[kind - 1] if 1 <= kind <= 4 else f"type{kind}"
        made.append(Section(region, parent, at, points))
        if not made[-1].length > 0:
            line = samples.lines[cutter.runs[run][0]]
            what = (
                "are at one place"
                if (points[:, 3] > 0).any()
                else "have a radius of 0; give it one"
            )
            raise DataError(f"{name}:{line}: all points of the {region} section {what}")
    notes = _further_trees(samples, cutter, name)
    if replaced:
        line = samples.lines[cutter.runs[min(replaced)][0]]
        notes.append(
            f"{name}:{line}: a branch without length ({len(replaced)} in all) is left out; its "
            "children are joined to its parent"
        )
    return tuple(made), tuple(notes)


def _further_trees(samples: Samples, cutter: _Cutter, name: str) -> list[str]:
    """Which trees were joined to the first one, and by how much membrane that is in no file."""
    runs = [run for run in range(1, len(cutter.runs)) if samples.parents[cutter.runs[run][0]] < 0]
    if not runs:
        return []
    line = samples.lines[cutter.runs[runs[0]][0]]
    added = 0.0
    for run in runs:
        first = cutter.runs[run][0]
        if len(cutter.run(run)[2]) > cutter.runs[run][1] - first:
            added += float(np.linalg.norm(samples.points[first, :3] - samples.points[0, :3]))
    count = f" ({len(runs)} in all)" if len(runs) > 1 else ""
    where = "middle" if samples.kinds[0] == _SOMA else "end"
    bridge = f", with {added:,.0f} um of membrane in between" if added else ""
    return [
        f"{name}:{line}: a further tree begins{count}; joined to the {where} of the first section"
        f"{bridge}, as NEURON's Import3d does"
    ]


class _Cutter:
    def __init__(self, samples: Samples) -> None:
        self.samples = samples
        kinds, parents, n = samples.kinds, samples.parents, len(samples.kinds)
        # Where a further tree begins, Import3d takes the first point for the parent that it lacks.
        self.joints = np.maximum(parents, 0)
        self.to_start = np.zeros(n, bool)
        follows = self._branching()
        self.soma_children = np.zeros(n, np.int64)
        for i in range(1, n):
            if parents[i] >= 0 and kinds[i] == kinds[parents[i]] == _SOMA:
                self.soma_children[parents[i]] += 1
        self.ball = self._is_ball(follows)
        if self.ball:
            parents = parents.copy()
            parents[2] = 1
        for i in range(n - 1):
            if (
                kinds[i] == kinds[i + 1] == _SOMA
                and parents[i + 1] == i
                and (i == 0 or self.soma_children[i] <= 1)
            ):
                follows[i] = True
        ends = np.flatnonzero(~follows)
        self.runs = [(int(a), int(b) + 1) for a, b in zip([0, *(ends[:-1] + 1)], ends, strict=True)]
        self.owner = np.repeat(np.arange(len(self.runs)), [b - a for a, b in self.runs])

    def _branching(self) -> np.ndarray:
        """Where the next point goes on with the section that a point is in."""
        kinds, parents, n = self.samples.kinds, self.samples.parents, len(self.samples.kinds)
        children = np.zeros(n)
        for i in range(1, n):
            p = parents[i]
            if p < 0:
                continue
            children[p] += 1
            if p != i - 1:
                children[p] += 0.01
                # A branch from the point where a dendrite's wire to the soma ends is joined to
                # the dendrite's start.
                if (p > 1 and kinds[p] != _SOMA and kinds[self.joints[p]] == _SOMA) or (
                    p == 0 and kinds[p] != _SOMA
                ):
                    self.to_start[i] = True
                    children[p] = 1
            if kinds[p] != kinds[i]:
                children[p] += 0.01
        return np.asarray(children == 1)

    def _is_ball(self, follows: np.ndarray) -> bool:
        """Whether the soma is NeuroMorpho.org's: three points that stand for a sphere."""
        kinds, points, parents = self.samples.kinds, self.samples.points, self.samples.parents
        if int((kinds == _SOMA).sum()) != 3 or len(kinds) < 3:
            return False
        if parents[1] != 0 or parents[2] != 0 or np.isin(parents[3:], (1, 2)).any():
            return False
        d = points[:3, 3]
        length = np.linalg.norm(points[1:3, :3] - points[0, :3], axis=1).sum()
        return bool(d[0] > 0 and (d[1:] == d[0]).all() and abs(length / d[0] - 1) < 0.01)

    def run(self, number: int) -> tuple[int, float, Points]:
        """A run's parent, the place on it, and the points."""
        kinds, points, parents = self.samples.kinds, self.samples.points, self.samples.parents
        first, end = self.runs[number]
        if number == 0:
            root = points[:1] if self.ball else points[:end]
            return -1, 0.0, root if len(root) > 1 else sphere(root[0])
        joint = int(self.joints[first])
        parent = int(self.owner[joint])
        from_soma = kinds[self.runs[parent][0]] == _SOMA
        leaves = from_soma and kinds[first] != _SOMA
        several = end - first > 1
        at, wire = self._joint(parent, int(parents[first]), bool(from_soma), bool(leaves), several)
        own = points[first:end]
        start = points[joint : joint + 1].copy()
        if leaves:
            start[0, 3] = own[0, 3]
        if self.to_start[first]:
            at = 0.0
        return parent, at, own if wire else np.concatenate((start, own))

    def _joint(
        self, parent: int, joint: int, from_soma: bool, leaves: bool, several: bool
    ) -> tuple[float, bool]:
        """Where on the parent, and whether a wire without membrane leads there."""
        start, end = self.runs[parent]
        size = 1 if parent == 0 and self.ball else end - start + (parent > 0)
        branched = self.soma_children[max(joint, 0)] > 1
        if parent == 0:
            if leaves and size == 1:
                return 0.5, several
            if joint == 0:
                return 0.0, bool(leaves and branched)
        if from_soma:
            if joint < start + size - (1 if start == 0 else 2):
                return 0.5, leaves and several
            return 1.0, bool(several and branched and leaves)
        return 1.0, False


def sphere(point: np.ndarray) -> Points:
    """A cylinder as long as wide, with the sphere's area."""
    points = np.repeat(point[None], 3, axis=0)
    points[0, 0] -= point[3] / 2
    points[2, 0] += point[3] / 2
    return points
