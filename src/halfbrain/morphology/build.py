"""From a morphology to what the engine is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from halfbrain.morphology.cable import Cable, cable
from halfbrain.morphology.compartments import Compartments
from halfbrain.morphology.frusta import Rule
from halfbrain.morphology.morphology import Morphology


def bare(
    morphology: Morphology,
    rule: Rule,
    *,
    resistivity: float | Mapping[str, float] = 100.0,
    capacitance: float | Mapping[str, float] = 1.0,
    celsius: float = 34.0,
    v_init: float = -70.0,
) -> Compartments:
    """A morphology as compartments with capacitance and axial resistance, without mechanisms.

    ``resistivity`` in ohm cm and ``capacitance`` in uF/cm2, one number or one by region.
    """
    ra = _by_section(resistivity, morphology.regions)
    cm = _by_section(capacitance, morphology.regions)
    made = cable(morphology, rule, ra, cm)
    return compartments(made, morphology, cm, celsius, v_init)


def compartments(
    made: Cable,
    morphology: Morphology,
    capacitance: Sequence[float],
    celsius: float,
    v_init: float,
) -> Compartments:
    """A cable that was cut, as the engine is told of it, without mechanisms.

    ``capacitance`` in uF/cm2 by section.
    """
    return Compartments(
        parent=made.parent,
        area=made.area,
        coupling=made.coupling,
        capacitance=np.array(capacitance, np.float64)[made.section],
        diameter=made.diameter,
        distance=made.distance,
        section=made.section,
        position=made.position,
        regions=morphology.regions,
        placed=(),
        ions={},
        nernst=(),
        celsius=celsius,
        v_init=v_init,
    )


def _by_section(value: float | Mapping[str, float], regions: Sequence[str]) -> list[float]:
    return [value[r] if isinstance(value, Mapping) else value for r in regions]
