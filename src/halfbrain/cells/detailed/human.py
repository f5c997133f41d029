"""A cell with the passive membrane of human pyramidal cells (Eyal et al. 2016).

doi 10.7554/eLife.16553. Its shape and its channels remain those of the animal that it is from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from halfbrain.cells.detailed.installed import Recipe
from halfbrain.morphology.biophysics import Setting
from halfbrain.morphology.compartments import Compartments

_REGIONS = frozenset(("soma", "axon", "basal", "apical", "myelin"))
_DENDRITES = ("basal", "apical")


@dataclass(frozen=True)
class Membrane:
    """Capacitance in uF/cm2, resistance of the leak in ohm cm2, axial resistivity in ohm cm.

    On dendrites more than ``beyond`` um of path from the soma, spines make the membrane ``spines``
    times as large: capacitance and leak are as many times larger.
    """

    capacitance: float
    resistance: float
    resistivity: float
    spines: float
    beyond: float = 60.0


def human(recipe: Recipe, membrane: Membrane) -> Compartments:
    """The cell of a recipe, with this membrane in place of its own; leaks keep their potential."""
    own = recipe.membrane
    kept = tuple(s for s in own.settings if s.name not in ("Ra", "cm"))
    passive = (
        Setting(_REGIONS, "Ra", membrane.resistivity),
        Setting(_REGIONS, "cm", membrane.capacitance),
    )
    cell = replace(recipe, membrane=replace(own, settings=(*kept, *passive))).compartments()
    where = np.array(cell.regions)[cell.section]
    spiny = np.isin(where, _DENDRITES) & (cell.distance > membrane.beyond)
    larger = np.where(spiny, membrane.spines, 1.0)
    placed = tuple(
        replace(p, parameters={**p.parameters, "g": larger[p.where] / membrane.resistance})
        if p.mechanism.name == "pas"
        else p
        for p in cell.placed
    )
    return replace(cell, capacitance=cell.capacitance * larger, placed=placed)
