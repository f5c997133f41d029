"""A detailed cell cut into compartments: what the engine needs to know, and no more of the cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from halfbrain.program.mechanism import Mechanism

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Joined:
    """What a POINTER is joined to in its own cell, as by NEURON's ``setpointer``.

    A ``variable`` of the compartments ``at``, or of a mechanism's places ``at``: a number, or one
    for each place that has the POINTER. ``mechanism`` is its number among those placed in the cell.
    """

    at: int | NDArray[np.int64]
    variable: str = "v"
    mechanism: int | None = None


@dataclass(frozen=True)
class Placed:
    """A mechanism in some compartments.

    ``where`` are their numbers, shape (n,); ``parameters`` those that differ from the defaults, a
    number or one for each, shape (n,). For a point process n may hold a compartment twice.
    ``streams`` are the three identifiers of each one's stream of random numbers, shape (n, 3), as
    NEURON's Random123 takes them; without, they are the numbers of the cell, of the mechanism among
    those placed in it, and of the place. ``joined`` has what each POINTER reads; one that is among
    the ``parameters`` instead is that number.
    """

    mechanism: Mechanism
    where: NDArray[np.int64]
    parameters: Mapping[str, float | Floats]
    streams: NDArray[np.int64] | None = None
    joined: Mapping[str, Joined] = field(default_factory=dict)


@dataclass(frozen=True)
class Compartments:
    """n compartments in Hines order: a parent's number is below its children's, the root's is -1.

    Points where branches meet have no membrane: area 0, as in NEURON. (Its points at free ends are
    left out: no current passes them.) Nor have compartments all of whose points are of diameter 0.
    The first compartment of a further tree, which is not joined to the rest, has the parent 0 and
    no coupling.

    ``area`` um2; ``coupling`` uS, the conductance to the parent (root: 0); ``capacitance``
    uF/cm2; ``diameter`` um; ``distance`` um of the path from the soma's middle; ``section`` the
    number of the section that each is in, ``position`` its place along it from 0 to 1; ``regions``
    the region of each section (soma, axon, basal, apical), ``names`` what NEURON calls it, where it
    is NEURON's cell. ``ions`` gives, for each ion, its
    reversal potential and its concentrations at rest (``ek``, ``cai``, ``cao``), a number or one a
    compartment; ``nernst`` the reversal potentials that follow the concentrations. ``celsius``
    degC, ``v_init`` mV.
    """

    parent: NDArray[np.int64]
    area: Floats
    coupling: Floats
    capacitance: Floats
    diameter: Floats
    distance: Floats
    section: NDArray[np.int64]
    position: Floats
    regions: tuple[str, ...]
    placed: tuple[Placed, ...]
    ions: Mapping[str, float | Floats]
    nernst: tuple[str, ...]
    celsius: float
    v_init: float
    names: tuple[str, ...] = ()
