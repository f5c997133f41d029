"""From a morphology to what the engine is told."""

from __future__ import annotations

from collections.abc import Mapping

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
    regions = tuple(section.region for section in morphology.sections)
    ra = _by_region(resistivity, regions)
    cm = _by_region(capacitance, regions)
    made = cable(morphology, rule, ra, cm)
    return compartments(made, regions, cm, celsius, v_init)


def compartments(
    made: Cable,
    regions: tuple[str, ...],
    capacitance: Mapping[str, float],
    celsius: float,
    v_init: float,
) -> Compartments:
    """A cable that was cut, as the engine is told of it, without mechanisms.

    ``regions`` of the sections; ``capacitance`` in uF/cm2 by region.
    """
    return Compartments(
        parent=made.parent,
        area=made.area,
        coupling=made.coupling,
        capacitance=np.array([capacitance[region] for region in regions])[made.section],
        diameter=made.diameter,
        distance=made.distance,
        section=made.section,
        position=made.position,
        regions=regions,
        placed=(),
        ions={},
        nernst=(),
        celsius=celsius,
        v_init=v_init,
    )


def _by_region(value: float | Mapping[str, float], regions: tuple[str, ...]) -> Mapping[str, float]:
    return value if isinstance(value, Mapping) else dict.fromkeys(regions, value)
