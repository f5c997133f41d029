"""A detailed cell as a user builds it: a shape, what is in its membrane, how it is cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from halfbrain.cells.detailed.ball_and_stick import ball_and_stick_shape
from halfbrain.cells.detailed.classic import classic
from halfbrain.cells.detailed.installed import Built, Recipe, any_cell
from halfbrain.errors import ModelError, warn
from halfbrain.morphology.axon import allen_perisomatic, without_axon
from halfbrain.morphology.biophysics import Biophysics, Profile, Setting, owner
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.morphology.frusta import Rule, d_lambda, every
from halfbrain.morphology.morphology import Floats, Morphology
from halfbrain.morphology.places import (
    Place,
    Spot,
    Where,
    compartment,
    compartment_of,
    is_spot,
    micrometres,
    names_of,
    section_names,
    sections,
    spot,
    words_of,
)
from halfbrain.morphology.reader import read
from halfbrain.nmodl import read_mechanism
from halfbrain.nmodl.parameters import in_unit, mechanism_value
from halfbrain.nmodl.units import declared
from halfbrain.program.mechanism import Mechanism

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHAPES = (".swc", ".asc", ".h5")
_CELSIUS, _V_INIT = 6.3, -65.0  # NEURON's
# What may be set beside mechanisms' parameters: the unit in which it is held, and what is usual.
_PASSIVE = {"cm": ("uF/cm2", 0.05, 50.0), "Ra": ("ohm cm", 1.0, 1e4)}
_POTENTIAL = ("mV", -300.0, 300.0)
_CUT = re.compile(r"d_lambda(?:\s+(\d*\.?\d+))?")


@dataclass(frozen=True)
class Formula:
    """A parameter that follows a distance along the cell; see :func:`formula`."""

    text: str | Profile
    origin: Spot | None = None
    constants: Mapping[str, float | str] = field(default_factory=dict)


def formula(
    text: str | Profile, *, origin: Spot | None = None, **constants: float | str
) -> Formula:
    """A parameter of a mechanism as a formula of the distance along the cell.

    Parameters
    ----------
    text
        a formula over ``distance`` in um, ``farthest`` (the largest distance of an end of the
        sections that the mechanism is put in), and the constants. It may have numbers, ``+ - * /
        **``, ``exp``, ``log``, ``sqrt``, ``tanh``, ``abs``, comparisons, and steps: ``a if 685 <
        distance < 885 else b``. It is read, never run. Or a function that takes distances in um, an
        array of shape (n,), and gives as many values.
    origin
        where distances are from: the soma's middle, or another place, as ``("apical", 0, 0)``.
    constants
        names in the formula: numbers, texts with a unit of length, which become um, or with the
        unit of the parameter.

    Returns
    -------
    Formula
        a value for :meth:`Cell.insert` and :meth:`Cell.set`; what comes out of it is in the unit of
        the mechanism's file.

    Examples
    --------
    >>> import halfbrain as hb
    >>> ih = hb.formula("base*exp(distance/length)", base="0.2 mS/cm2", length="320 um")
    >>> hot = hb.formula("0.0187*(1 if 685 < distance < 885 else 0.01)", origin=("apical", 0, 0))
    >>> leak = hb.formula("1e-4*distance/farthest")
    >>> print(hb.Cell.ball_and_stick().insert("pas", "basal", g=leak).show().splitlines()[-1])
      pas: g 7.46397e-06 to 9.55935e-05 S/cm2
    """
    return Formula(text, origin, constants)


Value = float | str | Formula | Profile
Regions = str | Sequence[str] | None


@dataclass(frozen=True)
class Site:
    """A place on a cell: its section as NEURON calls it, and the compartment that holds it.

    ``x`` is the compartment's middle along the section, from 0 to 1; ``distance`` that from the
    soma in metres; ``compartment`` its number.
    """

    region: str
    section: str
    x: float
    distance: float
    compartment: int


@dataclass(frozen=True)
class _Point:
    mechanism: Mechanism
    place: Spot
    values: Mapping[str, float]


@dataclass(frozen=True, eq=False, repr=False)
class Cell:
    """A neuron with a shape: read it, put mechanisms into its membrane, and use it in a population.

    A cell never changes: :meth:`insert` and :meth:`set` give a new one.

    Regions are ``soma``, ``axon``, ``basal``, ``apical``; places on it are as in
    :mod:`halfbrain.morphology.places`: ``("soma", 0.5)``, ``("apical", 3, 0.2)``.

    Examples
    --------
    >>> import halfbrain as hb
    >>> cell = hb.Cell.ball_and_stick().insert("hh", "soma", gnabar="0.12 S/cm2")
    >>> cell = cell.insert("pas", "basal", g="0.05 mS/cm2", e="-65 mV").set(Ra="100 ohm cm")
    >>> cell.place(("basal", 0.5)).section
    'dend[0]'
    """

    recipe: Recipe | Built
    points: tuple[_Point, ...] = ()

    # -- where cells come from --------------------------------------------------------------------

    @classmethod
    def read(
        cls,
        file: str | Path,
        *,
        cut: str | int | Rule | None = None,
        celsius: float | None = None,
        v_init: float | str | None = None,
        axon: str = "keep",
    ) -> Cell:
        """A cell from a file, or one that an installed package brings.

        Parameters
        ----------
        file
            a shape (``.swc``, ``.asc``, ``.h5``), whose membrane is empty until something is
            inserted; a whole cell: the name of an installed one (``"allen-472363762"``), a
            configuration of EModelRunner (``.ini``); or a ``.hoc`` file, **which NEURON runs**:
            see :meth:`hoc`.
        cut
            into how many compartments each section is cut: ``"d_lambda"`` (the default of shapes:
            0.1 of the length constant at 100 Hz), ``"d_lambda 0.05"``, ``"40 um"`` for
            1 + 2*int(L/40 um), or a number for all.
        celsius
            the temperature in degC. NEURON's 6.3 by default, and of a whole cell its own.
        v_init
            the voltage at the start: ``"-70 mV"``, or a number in volts. NEURON's -65 mV by
            default, and of a whole cell its own.
        axon
            of a shape: ``"keep"``, ``"remove"``, or ``"stub"``: two cylinders of 30 by 1 um at the
            soma's middle, as Hay et al. 2011 and the Allen Institute's perisomatic models have.

        Raises
        ------
        HalfbrainError
            one line: the file and the line in it, or which package brings the cell.
        """
        if Path(file).suffix.lower() in _SHAPES:
            shape = _with_axon(read(file), axon)
            bare = Biophysics((), (), _CELSIUS, _V_INIT)
            made: Recipe | Built = Recipe(shape, _rule(cut or "d_lambda"), bare, classic)
        else:
            made = any_cell(file)
            if axon != "keep":
                raise ModelError(f"{file}: a whole cell has its own axon; leave out axon={axon!r}")
            if cut is not None:
                made = replace(_open(made, "cut"), rule=_rule(cut))
        return cls(made)._with_conditions(celsius, v_init)

    @classmethod
    def ball_and_stick(cls, *, cut: str | int | Rule = "40 um") -> Cell:
        """A soma of 500 um2 and a basal dendrite of 200 by 1 um, with nothing in the membrane.

        Examples
        --------
        >>> import halfbrain as hb
        >>> hb.Cell.ball_and_stick().regions
        ('soma', 'basal')
        """
        bare = Biophysics((), (), _CELSIUS, _V_INIT)
        return cls(Recipe(ball_and_stick_shape(), _rule(cut), bare, classic))

    @classmethod
    def hoc(
        cls,
        file: str | Path,
        template: str = "",
        arguments: Sequence[str | float] = (),
        mechanisms: str | Path | None = None,
        *,
        celsius: float | None = None,
        v_init: float | str | None = None,
    ) -> Cell:
        """A cell from a hoc file, as NEURON builds it. **NEURON runs the file**.

        See :func:`halfbrain.cells.detailed.neuron.hoc_cell`; ``v_init`` is a text, or in volts.
        Places are by NEURON's names: ``("dend[3]", 0.5)``.
        """
        from halfbrain.cells.detailed.neuron import hoc_cell

        start = None if v_init is None else _held(v_init, "mV", "v_init")
        made = hoc_cell(file, template, arguments, mechanisms, celsius=celsius, v_init=start)
        return cls(Built(made.morphology, made.cell))

    @classmethod
    def from_neuron(cls, of: object = None, mechanisms: str | Path | None = None) -> Cell:
        """A cell of the NEURON that runs in this process.

        See :func:`halfbrain.cells.detailed.neuron.from_neuron`. Places are by NEURON's names:
        ``("dend[3]", 0.5)``.
        """
        from halfbrain.cells.detailed.neuron import from_neuron

        made = from_neuron(of, mechanisms)
        return cls(Built(made.morphology, made.cell))

    # -- the membrane -----------------------------------------------------------------------------

    def insert(
        self, mechanism: str | Path | Mechanism, where: Where | None = None, /, **values: Value
    ) -> Cell:
        """The cell with a mechanism in some of its membrane.

        Parameters
        ----------
        mechanism
            what ``hb.read_mod`` gives; a ``.mod`` file; or a name: NEURON's own ``hh``, ``pas``,
            ``ExpSyn``, ``Exp2Syn``, and of a whole cell, those in its folder.
        where
            a region, a section (``"apic[3]"``) or several of them; all of the cell without. A point
            process is put at one place: ``("soma", 0.5)``.
        values
            the mechanism's parameters: texts with a unit (``"0.1 mS/cm2"``), numbers in the unit of
            its file, or a :func:`formula` of the distance. A later one goes before an earlier.

        Raises
        ------
        HalfbrainError
            one line: no such mechanism, parameter or region, or another unit.
        """
        recipe = _open(self.recipe, "insert mechanisms")
        found = self._mechanism(mechanism)
        said = f"{self.name}: {found.name}"
        if found.kind == "point":
            return self._with_point(found, where, values, said)
        if found.kind == "artificial":
            raise ModelError(f"{said}: is an artificial cell, which has no place in a membrane")
        words = self._words(where, said)
        membrane = replace(
            recipe.membrane,
            inserted=(*recipe.membrane.inserted, (found.name, words)),
            settings=(
                *recipe.membrane.settings,
                *(_setting(found, words, name, value, said) for name, value in values.items()),
            ),
        )
        return replace(self, recipe=replace(self._with_mechanism(found), membrane=membrane))

    def set(
        self,
        where: Where | None = None,
        /,
        *,
        celsius: float | None = None,
        v_init: float | str | None = None,
        **values: Value,
    ) -> Cell:
        """The cell with other properties, in some regions or everywhere.

        Parameters
        ----------
        where
            a region, a section (``"apic[3]"``) or several of them; all of the cell without.
        celsius, v_init
            of the whole cell, as of :meth:`read`.
        values
            ``cm`` (``"1 uF/cm2"``), ``Ra`` (``"100 ohm cm"``), reversal potentials (``ena="50
            mV"``) and ions' concentrations at rest (``cao="1.2 mM"``); numbers without a unit are
            SI. And parameters of what is inserted, as NEURON
            calls them (``gnabar_hh``), whose values are as in :meth:`insert`.

        Raises
        ------
        HalfbrainError
            one line: what is no property or region, or in another unit.
        """
        if where is not None and (celsius is not None or v_init is not None):
            raise ModelError(f"{self.name}: celsius and v_init are of the whole cell")
        made = self
        if celsius is not None or v_init is not None:
            made = self._with_conditions(celsius, v_init)
        if not values:
            return made
        recipe = _open(made.recipe, "set properties")
        words = made._words(where, self.name)
        inserted = {name: recipe.library(name) for name, _ in recipe.membrane.inserted}
        ions = {"na", "k", "ca"} | {ion.name for m in inserted.values() for ion in m.ions}
        held = _PASSIVE | {f"e{ion}": _POTENTIAL for ion in ions}
        held |= {f"{ion}{side}": ("mM", 0.0, 1e3) for ion in ions for side in "io"}
        settings = []
        for name, value in values.items():
            if name in held:
                unit, *usual = held[name]
                settings.append(
                    Setting(words, name, _held(value, unit, f"{self.name}: {name}", usual))
                )
                continue
            mechanism, parameter = owner(name, inserted, ", ".join(held))
            said = f"{self.name}: {mechanism}"
            settings.append(_setting(inserted[mechanism], words, parameter, value, said))
        membrane = replace(recipe.membrane, settings=(*recipe.membrane.settings, *settings))
        return replace(made, recipe=replace(recipe, membrane=membrane))

    def _with_conditions(self, celsius: float | None, v_init: float | str | None) -> Cell:
        recipe = self.recipe
        held = recipe.cell if isinstance(recipe, Built) else recipe.membrane
        degrees = held.celsius if celsius is None else _number(celsius, f"{self.name}: celsius")
        start = held.v_init
        if v_init is not None:
            start = _held(v_init, "mV", f"{self.name}: v_init", _POTENTIAL[1:])
        if isinstance(recipe, Built):
            cell = replace(recipe.cell, celsius=degrees, v_init=start)
            return replace(self, recipe=replace(recipe, cell=cell))
        membrane = replace(recipe.membrane, celsius=degrees, v_init=start)
        return replace(self, recipe=replace(recipe, membrane=membrane))

    def _mechanism(self, given: str | Path | Mechanism) -> Mechanism:
        if isinstance(given, Mechanism):
            return given
        if isinstance(given, Path) or given.endswith(".mod"):
            return read_mechanism(Path(given))
        if isinstance(self.recipe, Recipe):
            return self.recipe.library(given)
        return classic(given)

    def _with_mechanism(self, mechanism: Mechanism) -> Recipe:
        """The recipe, whose library knows it."""
        assert isinstance(self.recipe, Recipe)
        before = self.recipe.library
        held = [name for name, _ in self.recipe.membrane.inserted]
        if mechanism.name in held and before(mechanism.name).source != mechanism.source:
            raise ModelError(
                f"{self.name}: another {mechanism.name} is in it already, of "
                f"{before(mechanism.name).source}; give one of them another SUFFIX"
            )

        def library(name: str) -> Mechanism:
            return mechanism if name == mechanism.name else before(name)

        return replace(self.recipe, library=library)

    def _with_point(
        self, mechanism: Mechanism, where: Where | None, values: Mapping[str, Value], said: str
    ) -> Cell:
        if not is_spot(where):
            raise ModelError(f"{said}: is a point process; put it at a place, as ('soma', 0.5)")
        names = section_names(self.morphology.regions)
        spot(where, self.morphology.regions, names, said)
        given: dict[str, float] = {}
        for name, value in values.items():
            if isinstance(value, Formula) or callable(value):
                raise ModelError(f"{said}: {name} of a point process is a number, not a formula")
            given[name] = float(mechanism_value(mechanism, name, value, said))
        return replace(self, points=(*self.points, _Point(mechanism, where, given)))

    def _words(self, where: Where | None, said: str) -> frozenset[str]:
        """The names of regions and sections that a user means, of which the cell must have some."""
        regions = self.morphology.regions
        if where is None:
            return frozenset(regions)
        if isinstance(where, Place) or is_spot(where):
            raise ModelError(
                f"{said}: is for whole sections: a region, or 'apic[3]'; "
                "what changes along them is a formula of the distance"
            )
        words = words_of(where, said)
        for word in words:
            if not sections(word, regions, section_names(regions)):
                known = ", ".join(dict.fromkeys(regions))
                raise ModelError(f"{said}: the cell has no {word[:40]!r}; its regions are {known}")
        return frozenset(words)

    # -- what it is ------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What it was read from."""
        return Path(self.morphology.source).name

    @property
    def morphology(self) -> Morphology:
        """Its shape."""
        return self.recipe.morphology

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that it has."""
        return tuple(dict.fromkeys(self.morphology.regions))

    @property
    def sections(self) -> tuple[str, ...]:
        """Its sections as NEURON calls them: ``soma[0]``, ``dend[0]``, ``apic[0]``, ..."""
        if isinstance(self.recipe, Built):
            return names_of(self.recipe.cell)
        return section_names(self.morphology.regions)

    def compartments(self) -> Compartments:
        """The cell cut into compartments with its mechanisms, as the engine takes it; made once.

        Raises
        ------
        ModelError
            one line: a parameter that is set where its mechanism is not.
        """
        return self._compartments

    @cached_property
    def _compartments(self) -> Compartments:
        made = self.recipe.compartments()
        for one in self.points:
            at = compartment(one.place, made, one.mechanism.name)
            placed = Placed(one.mechanism, np.array([at], np.int64), one.values)
            made = replace(made, placed=(*made.placed, placed))
        return made

    def place(self, place: Spot) -> Site:
        """Where a place is: its section, and the compartment that holds it.

        Raises
        ------
        ModelError
            one line: what is no place, or not on this cell.

        Examples
        --------
        >>> import halfbrain as hb
        >>> round(hb.Cell.ball_and_stick().place(("basal", 1)).distance * 1e6)
        197
        """
        cell = self._compartments
        at = compartment(place, cell, self.name)
        section = int(cell.section[at])
        return Site(
            cell.regions[section],
            self.sections[section],
            float(cell.position[at]),
            float(cell.distance[at]) * 1e-6,
            at,
        )

    def plot(self, color: str = "region", title: str = "") -> Figure:
        """A picture of it as seen along the z axis: a matplotlib figure.

        Parameters
        ----------
        color
            what colours stand for: ``region``, ``distance`` (from the soma), ``diameter``, or a
            mechanism's parameter in the unit of its file, as ``Ih.gbar``.
        title
            what is written above it, instead of the file's name.
        """
        from halfbrain.morphology.drawing import draw

        return draw(self.morphology, color, title, self._along(color) if "." in color else None)

    def _along(self, color: str) -> Callable[[int, Floats], Floats]:
        """A mechanism's parameter along each section; NaN where the mechanism is not."""
        cell = self._compartments
        name, _, parameter = color.partition(".")
        placed = [p for p in cell.placed if p.mechanism.name == name]
        if not placed or parameter not in placed[0].mechanism.parameters:
            known = [f"{p.mechanism.name}.{x}" for p in cell.placed for x in p.mechanism.parameters]
            raise ModelError(
                f"color {color[:40]!r}: is no parameter in this cell; "
                f"there are {', '.join(dict.fromkeys(known)) or 'none'}"
            )
        values = np.full(len(cell.parent), np.nan)
        for one in placed:
            values[one.where] = one.parameters.get(parameter, one.mechanism.parameters[parameter])

        def along(section: int, places: Floats) -> Floats:
            return values[[compartment_of(section, float(x), cell) for x in places]]

        return along

    def show(self) -> str:
        """What is in it, as text: regions, their sizes, and the mechanisms with their parameters.

        Examples
        --------
        >>> import halfbrain as hb
        >>> print(hb.Cell.ball_and_stick().insert("pas", "basal", g="0.1 mS/cm2").show())
        ball and stick: 2 sections, 12 compartments with membrane, 1,128 um2
        6.3 degC, from -65 mV
        soma: 1 section, 13 um, cm 1 uF/cm2
        basal: 1 section, 200 um, cm 1 uF/cm2
          pas: g 0.0001 S/cm2
        """
        made = self._compartments
        where = np.array(made.regions)[made.section]
        membrane = made.area > 0
        lines = [
            f"{self.name}: {len(made.regions)} section{'s' * (len(made.regions) > 1)}, "
            f"{int(membrane.sum())} compartments with membrane, {made.area.sum():,.0f} um2",
            f"{made.celsius:g} degC, from {made.v_init:g} mV",
        ]
        for region in self.regions:
            inside = (where == region) & membrane
            many = made.regions.count(region)
            length = sum(s.length for s in self.morphology.sections if s.region == region)
            lines.append(
                f"{region}: {many} section{'s' * (many > 1)}, {length:,.0f} um, "
                f"cm {_span(made.capacitance[inside])} uF/cm2"
            )
            for placed in made.placed:
                mine = np.flatnonzero(inside[placed.where])
                if len(mine):
                    lines.append(f"  {_shown(placed, mine)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Its file, size and mechanisms, in a line."""
        inserted = (
            [name for name, _ in self.recipe.membrane.inserted]
            if isinstance(self.recipe, Recipe)
            else [placed.mechanism.name for placed in self.recipe.cell.placed]
        )
        names = dict.fromkeys([*inserted, *(one.mechanism.name for one in self.points)])
        return (
            f"<Cell {self.name}: {len(self.morphology.sections)} sections; "
            f"{', '.join(names) or 'no mechanisms'}>"
        )


def _open(recipe: Recipe | Built, what: str) -> Recipe:
    if isinstance(recipe, Built):
        raise ModelError(
            f"{recipe.morphology.source}: NEURON built this cell; {what} in NEURON, "
            "or read its shape and insert what is in it"
        )
    return recipe


def _with_axon(shape: Morphology, axon: str) -> Morphology:
    how: Mapping[str, Callable[[Morphology], Morphology]] = {
        "keep": lambda shape: shape,
        "remove": without_axon,
        "stub": allen_perisomatic,
    }
    if axon not in how:
        raise ModelError(f"{shape.source}: axon {axon!r} is none of {', '.join(how)}")
    return how[axon](shape)


def _rule(cut: str | int | Rule) -> Rule:
    """A rule of how many compartments a section is cut into, as a user names it."""
    if callable(cut):
        return cut
    if isinstance(cut, str):
        if found := _CUT.fullmatch(cut.strip()):
            share = float(found[1] or 0.1)
            if not 0 < share <= 10:
                raise ModelError(
                    f"cut {cut!r}: a share of the length constant is above 0, up to 10"
                )
            return d_lambda(share)
        length = micrometres(cut, "cut")
        if not length > 0:
            raise ModelError(f"cut {cut!r}: a length is above 0")
        return every(length)
    if isinstance(cut, bool) or not isinstance(cut, int) or cut < 1:
        raise ModelError(f"cut {cut!r} is neither 'd_lambda', a length ('40 um') nor a number")
    number = cut
    return lambda section, resistivity, capacitance: number


def _setting(
    mechanism: Mechanism, words: frozenset[str], name: str, value: Value, said: str
) -> Setting:
    full = f"{name}_{mechanism.name}"
    if not isinstance(value, Formula) and not callable(value):
        number = mechanism_value(mechanism, name, value, said)
        if not isinstance(number, float):
            raise ModelError(f"{said}: {name} is one number in a region; or give a formula")
        return Setting(words, full, number)
    mechanism_value(mechanism, name, 0.0, said)  # that there is such a parameter
    given = value if isinstance(value, Formula) else Formula(value)
    unit = mechanism.units.get(name, "")
    constants = {k: _constant(c, unit, f"{said}: {name}: {k}") for k, c in given.constants.items()}
    for taken in ("distance", "farthest", "value"):
        if taken in constants:
            raise ModelError(f"{said}: {name}: {taken} has a meaning of its own in a formula")
    return Setting(words, full, 1.0, given.text, constants, given.origin)


def _constant(given: float | str, unit: str, said: str) -> float:
    """A constant of a formula: a length in um, or in the unit of the parameter."""
    try:
        return float(in_unit(given, "um", said))
    except ModelError:
        return float(in_unit(given, unit, said))


def _held(value: Value, unit: str, said: str, usual: Sequence[float] = ()) -> float:
    """A property in a unit; a bare number is SI, and a line tells of what is hardly meant."""
    if isinstance(value, Formula) or callable(value):
        raise ModelError(f"{said}: is one number in a region, not a formula")
    size = declared(unit)
    assert size is not None
    bare = isinstance(value, float | int)
    found = _number(value, said) / size[0] if bare else float(in_unit(value, unit, said))
    if usual and not usual[0] <= found <= usual[1]:
        warn(f"{said} is {found:g} {unit}; a number without a unit is SI: write '{value} {unit}'")
    return found


def _number(value: object, said: str) -> float:
    return float(in_unit(value, "", said))


def _span(values: np.ndarray) -> str:
    if not len(values):
        return "-"
    low, high = float(values.min()), float(values.max())
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _shown(placed: Placed, mine: np.ndarray) -> str:
    """A mechanism and those of its parameters that were set, at some of its places."""
    words = []
    for name, value in placed.parameters.items():
        numbers = np.broadcast_to(np.asarray(value, np.float64), len(placed.where))[mine]
        unit = placed.mechanism.units.get(name, "")
        words.append(f"{name} {_span(numbers)} {unit}".rstrip())
    return f"{placed.mechanism.name}: {', '.join(words)}" if words else placed.mechanism.name
