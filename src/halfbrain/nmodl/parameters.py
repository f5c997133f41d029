"""Values of a mechanism's parameters: numbers in its file's units, or texts with their own."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.equations.dimensions import Dimensions, text_of, unit
from halfbrain.equations.si import si
from halfbrain.errors import ModelError
from halfbrain.nmodl.units import declared
from halfbrain.program.mechanism import Mechanism

_TEXT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*\*?\s*(.*?)\s*", re.DOTALL)
_LONGEST = 80


def mechanism_value(
    mechanism: Mechanism, name: str, value: object, place: str
) -> float | NDArray[np.float64]:
    """A parameter's value, or the weight of an event, in the unit that the mechanism's file has.

    Parameters
    ----------
    mechanism
        the mechanism.
    name
        one of its parameters, or of the arguments of its events (``weight``).
    value
        a number in the file's unit; a text with a unit, such as ``"0.1 mS/cm2"``; a quantity of
        pint, brian2, quantities or neo; or several of them. An array of numbers is in the file's
        unit.
    place
        what the line of an error begins with.

    Raises
    ------
    ModelError
        one line: there is no such parameter, or the value is in another unit, or not finite.

    Examples
    --------
    >>> from halfbrain.cells.detailed.classic import HH
    >>> mechanism_value(HH, "gnabar", "120 mS/cm2", "the soma")
    0.12
    """
    known = (*mechanism.parameters, *mechanism.shared, *mechanism.arguments)
    if name not in known:
        raise ModelError(
            f"{place}: {name[:40]!r} is no parameter of {mechanism.name}; "
            f"there are {', '.join(known) or 'none'}"
        )
    return in_unit(value, mechanism.units.get(name.split("[")[0], ""), f"{place}: {name}")


def in_unit(value: object, wanted: str, place: str) -> float | NDArray[np.float64]:
    """A value, or several, as numbers in a unit that an NMODL file names (``mho/cm2``).

    Raises
    ------
    ModelError
        one line that begins with ``place``.
    """
    if isinstance(value, str):
        return _checked(_text(value, wanted, place), value, place)
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        return _checked(float(value), value, place)
    if hasattr(value, "dimensionality") or hasattr(value, "dim"):  # another package's quantity
        quantity: Any = value
        size, dimensions = _of_file(wanted, place)
        return si(quantity, dimensions, place) / size
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        found = value.astype(np.float64)
    elif isinstance(value, Sequence | np.ndarray):
        found = np.array([in_unit(one, wanted, place) for one in value], np.float64)
    else:
        raise ModelError(f"{place}: {str(value)[:40]!r} is neither a number nor a text with a unit")
    if not np.isfinite(found).all():
        raise ModelError(f"{place}: a number in the array is not finite")
    return found


def _checked(number: float, value: object, place: str) -> float:
    if not math.isfinite(number):
        raise ModelError(f"{place}: {str(value)[:40]!r} is not a finite number")
    return number


def _text(text: str, wanted: str, place: str) -> float:
    match = _TEXT.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ModelError(f"{place}: {text[:40]!r} is no number and unit")
    number, given = float(match[1]), match[2]
    if not given or given.replace(" ", "") == wanted.replace(" ", ""):
        return number
    size, dimensions = _of_user(given, f"{place}: {text[:40]!r}")
    target = _of_file(wanted, place)
    if dimensions != target[1]:
        said = f"must be in {wanted}" if wanted else "has no unit in its file"
        raise ModelError(f"{place}: {text[:40]!r} is in {text_of(dimensions)}, but {said}")
    # Decimal prefixes: 0.3 mS/cm2 is to be the same number as 0.0003 S/cm2.
    return number * float(f"{size / target[0]:.14g}")


def _of_file(wanted: str, place: str) -> tuple[float, Dimensions]:
    found = declared(wanted)
    if found is None:
        raise ModelError(
            f"{place}: its file's unit ({wanted[:30]}) is not known; give a bare number in it"
        )
    return found


def _of_user(text: str, place: str) -> tuple[float, Dimensions]:
    """A unit as people write it (``mS/cm2``, ``ohm cm``), or as NMODL files do (``/ms-mM``)."""
    try:
        return unit(re.sub(r"(?<=\w)\s+(?=[^\W\d])", "*", text))
    except ModelError as error:
        found = declared(text)
        if found is None:
            raise ModelError(f"{place}: {error}") from None
        return found
