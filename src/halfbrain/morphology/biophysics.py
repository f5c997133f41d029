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
from halfbrain.morphology.distance import Distances, middles
from halfbrain.morphology.formula import evaluate
from halfbrain.morphology.frusta import Rule
from halfbrain.morphology.ions import KNOWN, nernst, rest, uses
from halfbrain.morphology.morphology import Floats, Morphology
from halfbrain.morphology.places import Spot, section_names, sections, spot
from halfbrain.program.mechanism import Mechanism

Library = Callable[[str], Mechanism]
"""Mechanisms by name."""


Profile = Callable[[Floats], Floats]
"""A value in each of some compartments, of their distances in um; both of shape (n,)."""


@dataclass(frozen=True)
class Setting:
    """A variable of NEURON's by name (``cm``, ``ek``, ``gbar_NaTs``) in some regions.

    ``regions`` may name single sections too (``apic[3]``). ``formula``, where given, is over
    ``value``, ``distance`` (um), ``farthest``, which is the largest distance of an end of these
    sections, and ``constants``; a function is over the distances. Distances are from the soma's
    middle, or from the place ``origin``.
    """

    regions: frozenset[str]
    name: str
    value: float
    formula: str | Profile = ""
    constants: Mapping[str, float] = field(default_factory=dict)
    origin: Spot | None = None


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
    # Of resistivity (ohm cm) and capacitance (uF/cm2), NEURON's defaults where nothing is set.
    ra, cm = [35.4] * len(morphology.sections), [1.0] * len(morphology.sections)
    for setting in membrane.settings:
        if setting.name in ("Ra", "cm"):
            if setting.formula or not setting.value > 0:
                raise ModelError(f"{setting.name} must be one number above zero in a region")
            for section in _sections(morphology, setting.regions):
                (ra if setting.name == "Ra" else cm)[section] = setting.value
    made = cable(morphology, rule, ra, cm)
    where = _Where(morphology, made)
    places = _places(membrane, where)
    mechanisms = {name: library(name) for name in places}
    values = _values(membrane, where, mechanisms, places)
    placed = tuple(
        Placed(
            mechanisms[name],
            found,
            {
                parameter: _plain(values[name, parameter][found])
                for parameter in (*mechanisms[name].parameters, *mechanisms[name].shared)
                if (name, parameter) in values
            },
        )
        for name, found in places.items()
    )
    ions, follow = _ions(membrane, where, mechanisms, places)
    plain = compartments(made, morphology, cm, membrane.celsius, membrane.v_init)
    return replace(plain, placed=placed, ions=ions, nernst=follow)


def _sections(morphology: Morphology, words: frozenset[str]) -> list[int]:
    """The sections that names of regions and sections mean; what there is none of is passed by."""
    names = section_names(morphology.regions)
    return [i for word in words for i in sections(word, morphology.regions, names)]


class _Where:
    """The compartments of regions, and how far they are from places."""

    def __init__(self, morphology: Morphology, made: Cable) -> None:
        self.morphology, self.made, self.count = morphology, made, len(made.section)
        self._masks: dict[frozenset[str], NDArray[np.bool_]] = {}

    def inside(self, words: frozenset[str]) -> NDArray[np.bool_]:
        """Whether each compartment is in one of these regions or sections."""
        if words not in self._masks:
            own = _sections(self.morphology, words)
            self._masks[words] = np.isin(self.made.section, own)
        return self._masks[words]

    def value(self, setting: Setting, among: NDArray[np.int64]) -> float | Floats:
        """What a setting is in some compartments."""
        if not setting.formula:
            return setting.value
        sections = self.morphology.sections
        if setting.origin is None:
            far, distance = Distances(sections, middles(sections)), self.made.distance[among]
        else:
            regions = self.morphology.regions
            at = spot(setting.origin, regions, section_names(regions), setting.name)
            far = Distances(sections, [at])
            places = zip(self.made.section[among], self.made.position[among], strict=True)
            distance = np.array([far(int(section), float(x)) for section, x in places])
            if not np.isfinite(distance).all():
                raise ModelError(
                    f"{setting.name}: {setting.origin} is in a tree that is not joined"
                )
        if not isinstance(setting.formula, str):
            return _profiled(setting.formula, distance, setting.name)
        own = _sections(self.morphology, setting.regions)
        known: dict[str, float | Floats] = {
            "value": setting.value,
            "distance": distance,
            "farthest": max(far(section, x) for section in own for x in (0.0, 1.0)),
            **setting.constants,
        }
        return evaluate(setting.formula, known)


def _profiled(profile: Profile, distance: Floats, name: str) -> Floats:
    try:
        found = np.broadcast_to(np.asarray(profile(distance.copy()), np.float64), distance.shape)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"{name}: its function gives no number for each distance: {error}"
        ) from None
    if not np.isfinite(found).all():
        raise ModelError(f"{name}: its function is not finite for all distances in this cell")
    return found


def _plain(values: Floats) -> float | Floats:
    return float(values[0]) if (values == values[0]).all() else values


def _places(membrane: Biophysics, where: _Where) -> dict[str, NDArray[np.int64]]:
    """The compartments of each mechanism; one that is nowhere is left out."""
    masks: dict[str, NDArray[np.bool_]] = {}
    for name, regions in membrane.inserted:
        mask = where.inside(regions) & (where.made.area > 0)
        masks[name] = masks[name] | mask if name in masks else mask
    return {name: np.flatnonzero(mask) for name, mask in masks.items() if mask.any()}


def _values(
    membrane: Biophysics,
    where: _Where,
    mechanisms: Mapping[str, Mechanism],
    places: Mapping[str, NDArray[np.int64]],
) -> dict[tuple[str, str], Floats]:
    """Each set parameter in all compartments, by mechanism and name."""
    values: dict[tuple[str, str], Floats] = {}
    of_ions = {"Ra", "cm", *_of_ions(mechanisms)}
    for setting in membrane.settings:
        spots = np.flatnonzero(where.inside(setting.regions) & (where.made.area > 0))
        if setting.name in of_ions or not len(spots):
            continue
        name, parameter = owner(setting.name, mechanisms)
        if parameter in mechanisms[name].shared:
            if setting.formula:
                raise ModelError(
                    f"{setting.name}: it is GLOBAL, so it is one number and no formula"
                )
            values[name, parameter] = np.full(where.count, setting.value)
            continue
        inside = spots[np.isin(spots, places[name])]
        if not len(inside):
            raise ModelError(
                f"{setting.name}: {name} is in none of {', '.join(sorted(setting.regions))}; "
                "insert it there"
            )
        column = values.setdefault(
            (name, parameter),
            np.full(where.count, mechanisms[name].parameters[parameter], np.float64),
        )
        column[inside] = where.value(setting, inside)
    return values


def _of_ions(mechanisms: Mapping[str, Mechanism]) -> set[str]:
    """Potentials and concentrations that may be set.

    One that no mechanism takes has no effect, but is no mistake: cells list them for all regions.
    """
    names = {*KNOWN, *(use.name for use in uses(mechanisms.values()))}
    return {x for name in names for x in (f"e{name}", f"{name}i", f"{name}o")}


def owner(name: str, mechanisms: Mapping[str, Mechanism], others: str = "") -> tuple[str, str]:
    """The mechanism and its parameter that NEURON calls so: ``gnabar_hh``.

    Raises
    ------
    ModelError
        if there is none such; ``others`` are names that there are beside those.
    """
    fits = [m for m in mechanisms if name.endswith(f"_{m}")]
    for mechanism in sorted(fits, key=len, reverse=True):
        parameter = name[: -len(mechanism) - 1]
        if parameter in {**mechanisms[mechanism].parameters, **mechanisms[mechanism].shared}:
            return mechanism, parameter
    also = f"{others}, nor " if others else ""
    raise ModelError(
        f"{name[:40]}: is {'none of ' if others else 'no '}{also}{'a ' if others else ''}parameter "
        f"of any of {', '.join(mechanisms) or 'no mechanisms'}"
    )


def _ions(
    membrane: Biophysics,
    where: _Where,
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
        own = _compartments(use.name, {inner, outer}, mechanisms, places, where.count)
        inside = _set(membrane, where, inner, still.inside)
        outside = _set(membrane, where, outer, still.outside)
        if own.any():
            ions[inner], ions[outer] = _plain(inside), _plain(outside)
        if use.reversal not in use.read | use.written:
            continue
        values = _set(membrane, where, use.reversal, still.reversal)
        own &= ~_compartments(use.name, {use.reversal}, mechanisms, places, where.count, set_=True)
        values[own] = [
            nernst(i, o, still.valence, membrane.celsius)
            for i, o in zip(inside[own].tolist(), outside[own].tolist(), strict=True)
        ]
        used = _compartments(
            use.name, {use.reversal, inner, outer, f"i{use.name}"}, mechanisms, places, where.count
        )
        plain = _plain(values[used])
        ions[use.reversal] = plain if isinstance(plain, float) else values
        if own.any() and use.written & {inner, outer}:
            follow.append(use.reversal)
    return ions, tuple(follow)


def _set(membrane: Biophysics, where: _Where, name: str, otherwise: float) -> Floats:
    """An ion's variable in all compartments, as it is set."""
    values = np.full(where.count, otherwise)
    for setting in membrane.settings:
        if setting.name == name:
            values[where.inside(setting.regions)] = setting.value
    return values


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
