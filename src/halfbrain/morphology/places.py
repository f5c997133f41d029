"""Places on a cell, as people name them, and the compartments that they mean.

========================================  =========================================================
``"apical"``, ``("basal", "apical")``     one region, or several
``"apic[3]"``                             one section: its region and its number, from 0
``("soma", 0.5)``                         a place along the only section of a region, from 0 to 1
``("apical", 3, 0.2)``                    a place along a section of a region
``("apic[3]", 0.2)``                      the same, as NEURON writes it
``Place("apical", "100 um", "200 um")``   what of regions lies at these distances from the soma
========================================  =========================================================

Sections of a region are numbered from 0 in the order of NEURON's Import3d: ``("apical", 3, 0.2)``
is in the compartment of NEURON's ``apic[3](0.2)``. ``dend`` and ``apic`` are other names of
``basal`` and ``apical``. Place 0 is in the first compartment of a section, 1 in the last.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import ModelError
from halfbrain.morphology.compartments import Compartments
from halfbrain.nmodl.parameters import in_unit

DENDRITES = ("basal", "apical", "dendrite")
_SHORT = {"basal": "dend", "apical": "apic"}
_LONG = {short: region for region, short in _SHORT.items()}
_NUMBERED = re.compile(r"(\w+)\[(\d{1,6})\]")

Length = float | str  # metres, or "100 um"
Along = tuple[str, float] | tuple[str, int, float]
Spot = str | Along


@dataclass(frozen=True)
class Place:
    """What of a cell's regions lies at some distances from the soma, by the path.

    Parameters
    ----------
    regions
        one or several; without, all dendrites. Those that a cell has none of are passed over.
    nearest, farthest
        from the soma's middle: ``"100 um"``, or a number in metres.

    Examples
    --------
    >>> import halfbrain as hb
    >>> far = hb.Place("apical", nearest="100 um", farthest="0.2 mm")
    >>> far.reach("far")
    (100.0, 200.0)
    """

    regions: str | Sequence[str] = DENDRITES
    nearest: Length = 0.0
    farthest: Length = math.inf

    def reach(self, said: str) -> tuple[float, float]:
        """The distances in um; the line of an error begins with ``said``."""
        near, far = micrometres(self.nearest, said), micrometres(self.farthest, said)
        if not 0 <= near <= far:
            raise ModelError(
                f"{said}: nearest is {near:g} um and farthest {far:g} um; a range goes up from 0"
            )
        return near, far


Where = Spot | Sequence[str] | Place


def micrometres(length: Length, said: str) -> float:
    """A length in um: ``"0.1 mm"``, or a number in metres.

    Raises
    ------
    ModelError
        one line that begins with ``said``, if it is none.
    """
    if isinstance(length, str):
        return float(in_unit(length, "um", said))
    if not isinstance(length, Real) or isinstance(length, bool) or math.isnan(length):
        raise ModelError(f"{said}: {str(length)[:40]!r} is no length; write one as '100 um'")
    return float(length) * 1e6


def section_names(regions: Iterable[str]) -> tuple[str, ...]:
    """What NEURON's Import3d calls sections of these regions: ``soma[0]``, ``dend[0]``, ..."""
    count: dict[str, int] = {}
    names = []
    for region in regions:
        name = _SHORT.get(region, region.replace("type", "dend_"))
        names.append(f"{name}[{count.setdefault(name, 0)}]")
        count[name] += 1
    return tuple(names)


def sections(word: str, regions: Sequence[str], names: Sequence[str]) -> list[int]:
    """The sections of a region, or the one of a name; none if there is none such."""
    if word in names:
        return [names.index(word)]
    of = [i for i, region in enumerate(regions) if region in (word, _LONG.get(word, word))]
    found = _NUMBERED.fullmatch(word)
    if of or not found:
        return of
    inside = sections(found[1], regions, names)
    return inside[int(found[2]) : int(found[2]) + 1]


def spot(place: Spot, regions: Sequence[str], names: Sequence[str], said: str) -> tuple[int, float]:
    """The section that a place is in, and how far along it, from 0 to 1.

    Raises
    ------
    ModelError
        one line that begins with ``said``: what is no place, or not in this cell.
    """
    number: int | None = None
    match place:
        case str(word):
            x = 0.5
        case (str(word), int(number), x) if _is_number(x):
            pass
        case (str(word), x) if _is_number(x):
            pass
        case _:
            raise ModelError(
                f"{said}: {str(place)[:60]} is no place on a cell; "
                "write ('soma', 0.5) or ('apical', 3, 0.2)"
            )
    if not 0 <= x <= 1:
        raise ModelError(f"{said}: a place along a section is from 0 to 1, not {x}")
    own = sections(word, regions, names)
    if not own:
        raise ModelError(f"{said}: the cell has no {word[:40]!r}; it has {_known(regions)}")
    if number is not None and not 0 <= number < len(own):
        raise ModelError(
            f"{said}: {word} has sections 0 to {len(own) - 1} in this cell, not {number}"
        )
    if number is None and len(own) > 1:
        raise ModelError(
            f"{said}: {word} has {len(own)} sections in this cell; say which: ({word!r}, 0, {x:g})"
        )
    return own[number or 0], float(x)


def is_spot(place: object) -> TypeGuard[Along]:
    """Whether it has the form of a place along a section, and not that of several regions."""
    match place:
        case (str(), x) | (str(), int(), x):
            return _is_number(x)
    return False


def _is_number(x: object) -> bool:
    return isinstance(x, Real) and not isinstance(x, bool)


def compartment(place: Spot, cell: Compartments, said: str) -> int:
    """The number of the compartment that holds a place along a section.

    Raises
    ------
    ModelError
        one line that begins with ``said``: what is no place, or not in this cell.

    Examples
    --------
    >>> from halfbrain.cells.detailed.ball_and_stick import ball_and_stick
    >>> compartment(("basal", 0.9), ball_and_stick(), "here")
    11
    """
    return compartment_of(*spot(place, cell.regions, names_of(cell), said), cell)


def compartment_of(section: int, x: float, cell: Compartments) -> int:
    """The number of the compartment that holds a place along a section, by its number."""
    inside = (cell.section == section) & (cell.position > 0) & (cell.position < 1)
    own = np.flatnonzero(inside)
    own = own[np.argsort(cell.position[own], kind="stable")]
    return int(own[min(int(x * len(own)), len(own) - 1)])


def compartments(where: Where, cell: Compartments, said: str) -> NDArray[np.int64]:
    """The numbers of all compartments with membrane that a place means, in order.

    Regions that the cell has none of are passed over; where it has none of them at all, or none at
    these distances, there are none.

    Raises
    ------
    ModelError
        one line that begins with ``said``, for what is no place.
    """
    if is_spot(where):
        return np.array([compartment(where, cell, said)], np.int64)
    own = words_of(where, said)
    inside = np.isin(
        cell.section, [i for word in own for i in sections(word, cell.regions, names_of(cell))]
    )
    inside &= cell.area > 0
    if isinstance(where, Place):
        near, far = where.reach(said)
        inside &= (cell.distance >= near) & (cell.distance <= far)
    return np.flatnonzero(inside)


def words_of(where: Where, said: str) -> list[str]:
    """The regions and sections that a place along no single section names.

    Raises
    ------
    ModelError
        one line that begins with ``said``, for what is no place.
    """
    given = where.regions if isinstance(where, Place) else where
    given = (given,) if isinstance(given, str) else given
    words = [word for word in given if isinstance(word, str)] if isinstance(given, Iterable) else []
    if not words or len(words) < len(given):
        raise ModelError(
            f"{said}: {str(where)[:60]} is no place on a cell; "
            "write 'apical', ('basal', 'apical') or ('apical', 3, 0.2)"
        )
    return words


def check_place(where: Where, said: str) -> None:
    """See that something is a place, without a cell that might have it.

    Raises
    ------
    ModelError
        one line that begins with ``said``.
    """
    if is_spot(where):
        if not 0 <= where[-1] <= 1:
            raise ModelError(f"{said}: a place along a section is from 0 to 1, not {where[-1]}")
        return
    words_of(where, said)
    if isinstance(where, Place):
        where.reach(said)


def names_of(cell: Compartments) -> tuple[str, ...]:
    """The names of a cell's sections: NEURON's, or those that Import3d would give them."""
    return cell.names or section_names(cell.regions)


def _known(regions: Sequence[str]) -> str:
    return ", ".join(f"{regions.count(r)} {r}" for r in dict.fromkeys(regions))
