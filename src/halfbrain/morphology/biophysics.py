"""What is in a cell's membrane, by region, as its authors give it; and the making of the cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.build import compartments
from halfbrain.morphology.cable import Cable, cable
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.morphology.formula import evaluate
from halfbrain.morphology.frusta import Rule
from halfbrain.morphology.ions import nernst, rest, uses
from halfbrain.morphology.morphology import Floats, Morphology
from halfbrain.program.mechanism import Mechanism

Library = Callable[[str], Mechanism]
"""Mechanisms by name."""


@dataclass(frozen=True)
class Setting:
    """A variable of NEURON's by name (``cm``, ``ek``, ``gbar_NaTs``) in some regions.

    ``formula``, where given, is over ``value``, ``distance`` (um) and ``constants``.
    """

    regions: frozenset[str]
    name: str
    value: float
    formula: str = ""
    constants: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Biophysics:
    """Mechanisms inserted by region, and settings, a later one before an earlier."""

    inserted: tuple[tuple[str, frozenset[str]], ...]
    settings: tuple[Setting, ...]
    celsius: float
    v_init: float


def build(
    morphology: Morphology, rule: Rule, membrane: Biophysics, library: Library
) -> Compartments:
    """A cell with its mechanisms.

    Raises
    ------
    ModelError
        if a setting names what is not in the membrane there, or a mechanism is missing.
    """
    regions = tuple(section.region for section in morphology.sections)
    present = frozenset(regions)
    # Of resistivity (ohm cm) and capacitance (uF/cm2), NEURON's defaults where nothing is set.
    ra, cm = dict.fromkeys(present, 35.4), dict.fromkeys(present, 1.0)
    for setting in membrane.settings:
        if setting.name in ("Ra", "cm"):
            if setting.formula or not setting.value > 0:
                raise ModelError(f"{setting.name} must be one number above zero in a region")
            target = ra if setting.name == "Ra" else cm
            target |= dict.fromkeys(setting.regions & present, setting.value)
    made = cable(morphology, rule, ra, cm)
    where = np.array(regions)[made.section]
    places = _places(membrane, where, made)
    mechanisms = {name: library(name) for name in places}
    values = _values(membrane, where, made, mechanisms, places)
    placed = tuple(
        Placed(
            mechanisms[name],
            found,
            {
                parameter: _plain(values[name, parameter][found])
                for parameter in mechanisms[name].parameters
                if (name, parameter) in values
            },
        )
        for name, found in places.items()
    )
    ions, follow = _ions(membrane, where, mechanisms, places)
    plain = compartments(made, regions, cm, membrane.celsius, membrane.v_init)
    return replace(plain, placed=placed, ions=ions, nernst=follow)


def _plain(values: Floats) -> float | Floats:
    return float(values[0]) if (values == values[0]).all() else values


def _in(where: NDArray[np.str_], regions: frozenset[str]) -> NDArray[np.bool_]:
    return np.isin(where, list(regions))


def _places(
    membrane: Biophysics, where: NDArray[np.str_], made: Cable
) -> dict[str, NDArray[np.int64]]:
    """The compartments of each mechanism; one that is nowhere is left out."""
    masks: dict[str, NDArray[np.bool_]] = {}
    for name, regions in membrane.inserted:
        mask = _in(where, regions) & (made.area > 0)
        masks[name] = masks[name] | mask if name in masks else mask
    return {name: np.flatnonzero(mask) for name, mask in masks.items() if mask.any()}


def _values(
    membrane: Biophysics,
    where: NDArray[np.str_],
    made: Cable,
    mechanisms: Mapping[str, Mechanism],
    places: Mapping[str, NDArray[np.int64]],
) -> dict[tuple[str, str], Floats]:
    """Each set parameter in all compartments, by mechanism and name."""
    values: dict[tuple[str, str], Floats] = {}
    reversals = {use.reversal for use in uses(mechanisms.values())}
    for setting in membrane.settings:
        spots = np.flatnonzero(_in(where, setting.regions) & (made.area > 0))
        if setting.name in ("Ra", "cm") or _is_reversal(setting.name, reversals) or not len(spots):
            continue
        name, parameter = _owner(setting.name, mechanisms)
        inside = spots[np.isin(spots, places[name])]
        if not len(inside):
            raise ModelError(
                f"{setting.name}: {name} is in none of {', '.join(sorted(setting.regions))}; "
                "insert it there"
            )
        column = values.setdefault(
            (name, parameter),
            np.full(len(where), mechanisms[name].parameters[parameter], np.float64),
        )
        known: dict[str, float | Floats] = {
            "value": setting.value,
            "distance": made.distance[inside],
            **setting.constants,
        }
        column[inside] = evaluate(setting.formula, known) if setting.formula else setting.value
    return values


def _is_reversal(name: str, used: set[str]) -> bool:
    # One that no mechanism takes has no effect, but is no mistake: cells list them for all regions.
    return name in used or name in ("ena", "ek", "eca")


def _owner(name: str, mechanisms: Mapping[str, Mechanism]) -> tuple[str, str]:
    fits = [m for m in mechanisms if name.endswith(f"_{m}")]
    for mechanism in sorted(fits, key=len, reverse=True):
        parameter = name[: -len(mechanism) - 1]
        if parameter in mechanisms[mechanism].parameters:
            return mechanism, parameter
    raise ModelError(
        f"{name}: is no parameter of any of {', '.join(mechanisms) or 'no mechanisms'}"
    )


def _ions(
    membrane: Biophysics,
    where: NDArray[np.str_],
    mechanisms: Mapping[str, Mechanism],
    places: Mapping[str, NDArray[np.int64]],
) -> tuple[dict[str, float | Floats], tuple[str, ...]]:
    """Values at rest, and which reversal potentials follow the concentrations.

    NEURON's rules, which hold in each compartment for itself: a potential is what is set unless a
    mechanism there uses a concentration too; then it is Nernst's, at each step if a mechanism
    writes one. One that a mechanism there writes is that mechanism's.
    """
    ions: dict[str, float | Floats] = {}
    follow: list[str] = []
    for use in uses(mechanisms.values()):
        still = rest(use)
        inner, outer = use.concentrations
        own = _compartments(use.name, {inner, outer}, mechanisms, places, len(where))
        if own.any():
            ions[inner], ions[outer] = still.inside, still.outside
        if use.reversal not in use.read | use.written:
            continue
        values = np.full(len(where), still.reversal)
        for setting in membrane.settings:
            if setting.name == use.reversal:
                values[_in(where, setting.regions)] = setting.value
        own &= ~_compartments(use.name, {use.reversal}, mechanisms, places, len(where), set_=True)
        values[own] = nernst(still.inside, still.outside, still.valence, membrane.celsius)
        used = _compartments(
            use.name, {use.reversal, inner, outer, f"i{use.name}"}, mechanisms, places, len(where)
        )
        plain = _plain(values[used])
        ions[use.reversal] = plain if isinstance(plain, float) else values
        if own.any() and use.written & {inner, outer}:
            follow.append(use.reversal)
    return ions, tuple(follow)


def _compartments(
    ion: str,
    names: set[str],
    mechanisms: Mapping[str, Mechanism],
    places: Mapping[str, NDArray[np.int64]],
    count: int,
    *,
    set_: bool = False,
) -> NDArray[np.bool_]:
    """Where a mechanism takes or sets one of an ion's variables, or ``set_``: sets one."""
    found = np.zeros(count, bool)
    for name, mechanism in mechanisms.items():
        for of in mechanism.ions:
            taken = of.writes if set_ else (*of.reads, *of.writes)
            if of.name == ion and names & set(taken):
                found[places[name]] = True
    return found
