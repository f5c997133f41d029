"""A soma that fires and one passive dendrite: the cell of NEURON's tutorial."""

from __future__ import annotations

import numpy as np

from halfbrain.cells.detailed.classic import classic
from halfbrain.morphology.biophysics import Biophysics, Setting, build
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.frusta import every
from halfbrain.morphology.morphology import Morphology, Section

_SOMA, _LENGTH = 12.6157, 200.0  # um; a soma of 500 um2


def ball_and_stick(cut: float = 40.0) -> Compartments:
    """``hh`` in the soma, ``pas`` in a dendrite of 200 by 1 um that is cut by ``cut`` um."""
    somatic, basal = frozenset(("soma",)), frozenset(("basal",))
    membrane = Biophysics(
        inserted=(("hh", somatic), ("pas", basal)),
        settings=(
            Setting(somatic | basal, "Ra", 100.0),
            Setting(somatic | basal, "cm", 1.0),
            Setting(basal, "g_pas", 0.001),
            Setting(basal, "e_pas", -65.0),
            Setting(somatic, "ena", 50.0),
            Setting(somatic, "ek", -77.0),
        ),
        celsius=6.3,
        v_init=-65.0,
    )
    return build(ball_and_stick_shape(), every(cut), membrane, classic)


def ball_and_stick_shape() -> Morphology:
    """A soma of 500 um2, and a basal dendrite of 200 by 1 um at its end."""
    soma, dendrite = (
        _cylinder("soma", -1, 0.0, _SOMA, _SOMA),
        _cylinder("basal", 0, _SOMA, _LENGTH, 1),
    )
    return Morphology((soma, dendrite), "ball and stick")


def _cylinder(region: str, parent: int, start: float, length: float, diameter: float) -> Section:
    ends = [[start, 0, 0, diameter], [start + length, 0, 0, diameter]]
    return Section(region, parent, 1.0, np.array(ends, np.float32))
