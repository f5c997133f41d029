"""A section cut into compartments as NEURON does it: how many, and the frusta summed in each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halfbrain.morphology.morphology import Floats, Section

_NO_WAY = 1e15  # 1/um: length by squared diameter where that is 0, as in NEURON

Rule = Callable[[Section, float, float], int]
"""How many compartments a section is cut into, given Ra (ohm cm) and cm (uF/cm2)."""


def d_lambda(fraction: float = 0.1, frequency: float = 100.0) -> Rule:
    """Compartments no longer than a fraction of the AC length constant at a frequency in Hz.

    Hines and Carnevale 2001, doi 10.1177/107385840100700207.
    """

    def rule(section: Section, resistivity: float, capacitance: float) -> int:
        d = section.points[:, 3].astype(np.float64)
        both = d[1:] + d[:-1]
        wide = both > 0  # where there is no membrane, there is no length constant
        per_um = (np.diff(section.arc)[wide] / np.sqrt(both[wide])).sum() * math.sqrt(2)
        electrotonic = (
            per_um * 1e-5 * math.sqrt(4 * math.pi * frequency * resistivity * capacitance)
        )
        return int((electrotonic / fraction + 0.9) / 2) * 2 + 1

    return rule


def every(length: float = 40.0) -> Rule:
    """1 + 2*int(L/length) compartments: the rule of the Allen Institute and of Blue Brain."""

    def rule(section: Section, resistivity: float, capacitance: float) -> int:
        return 1 + 2 * int(section.length / length)

    return rule


@dataclass(frozen=True)
class Slices:
    """A section's n compartments: shape (n,) each.

    ``area`` um2; ``left`` and ``right`` the axial resistance in Mohm from the middle to the two
    ends; ``diameter`` um, the mean along the compartment.
    """

    area: Floats
    left: Floats
    right: Floats
    diameter: Floats


def slices(section: Section, n: int, resistivity: float) -> Slices:
    """Integrate area and resistance over the frusta between points, cut at each half compartment.

    The area of a frustum is its mantle's; its resistance that of a cone, h/(pi*r1*r2) times Ra
    (in ohm cm), as in NEURON's ``area()`` and ``ri()``. Through a point of diameter 0 there is no
    way for a current.
    """
    unit = 0.01 * resistivity * 4 / math.pi  # Mohm um from ohm cm, of a cylinder of diameter 1 um
    if section.cylinders:
        d = np.array(section.cylinders)
        half = section.length / len(d) / 2
        resistance = unit * half / d**2
        return Slices(math.pi * d * 2 * half, resistance, resistance.copy(), d)
    arc, diameters = section.arc, section.points[:, 3].astype(np.float64)
    edges = np.linspace(0.0, arc[-1], 2 * n + 1)[1:-1]
    after = np.searchsorted(arc, edges, side="right").clip(max=len(arc) - 1)
    share = (edges - arc[after - 1]) / np.maximum(arc[after] - arc[after - 1], 1e-10)
    inserted = (1 - share) * diameters[after - 1] + share * diameters[after]
    x = np.insert(arc, after, edges)
    d = np.insert(diameters, after, inserted)
    marks = np.zeros(len(x) - 1, np.int64)
    marks[after + np.arange(len(edges))] = 1
    half_of = np.cumsum(marks)
    h = np.diff(x)
    both = d[1:] + d[:-1]
    mantle = math.pi / 2 * both * np.hypot(h, (d[1:] - d[:-1]) / 2)
    across = d[1:] * d[:-1]
    resistance = unit * np.where(across > 0, h / np.where(across > 0, across, 1.0), _NO_WAY)

    def by_half(values: Floats) -> Floats:
        return np.bincount(half_of, values, 2 * n).astype(np.float64).reshape(n, 2)

    halves = by_half(resistance)
    return Slices(
        by_half(mantle).sum(axis=1),
        halves[:, 0],
        halves[:, 1],
        by_half(both * h).sum(axis=1) * 0.5 * n / section.length,
    )
