"""The one rule of units: what a user gives, as numbers in SI.

    "1.5 mV"                            a text with its unit
    1.5e-3                              a bare number is SI
    1.5 * ureg.mV, 1.5 * brian2.mV      a quantity of pint, brian2, quantities or neo
    ["1 mV", "2 mV"], arrays            and any number of them

None of these packages is imported; their quantities are known by what they can do.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfbrain.equations.dimensions import NONE, TIME, Dimensions, text_of
from halfbrain.equations.equations import constant
from halfbrain.errors import CircuitError, ModelError


class WithUnit(Protocol):
    """A quantity of another package: a number or an array, and its unit."""

    @property
    def dimensionality(self) -> Any:  # noqa: ANN401
        """What its package says of its dimensions."""


Number = float | int | str | WithUnit  # "1.5 ms", a quantity, or a bare number in SI units
Numbers = Number | ArrayLike | list[str]

# Base units of SI by dimension: as pint has them, in short, and as brian2 calls the dimension.
_BASE = {
    "[length]": ("meter", "m", "length"),
    "[mass]": ("kilogram", "kg", "mass"),
    "[time]": ("second", "s", "time"),
    "[current]": ("ampere", "A", "current"),
    "[temperature]": ("kelvin", "K", "temperature"),
    "[substance]": ("mole", "mol", "substance"),
}


def si(value: Numbers, dimensions: Dimensions, place: str) -> float | NDArray[np.float64]:
    """What a user gave, in SI units: a number, or an array of the same shape.

    Parameters
    ----------
    value
        a number, a text with its unit, a quantity of another package, or an array or a list of any.
    dimensions
        what it must be; a bare number is taken to be that.
    place
        what a message begins with.

    Raises
    ------
    CircuitError
        one line, if it is in another unit, not finite, or nothing of the kind.
    """
    if isinstance(value, str):
        return _text(value, dimensions, place)
    if isinstance(value, Real):
        if isinstance(value, bool) or not math.isfinite(value):
            raise CircuitError(f"{place}: {str(value)[:40]!r} is no number and unit")
        return float(value)
    if (measured := _measured(value, place)) is not None:
        found, own = measured
        if own != dimensions and np.any(found):
            raise _other(str(value), own, dimensions, place)
    else:
        found = _array(value, dimensions, place)
    if not np.isfinite(found).all():
        what = "its array holds a number that" if found.ndim else "it"
        raise CircuitError(f"{place}: {what} is not finite")
    return found if found.ndim else float(found)


def number(value: Numbers, dimensions: Dimensions, place: str) -> float:
    """One number in SI units; see :func:`si`.

    Raises
    ------
    CircuitError
        one line that begins with ``place``.
    """
    found = si(value, dimensions, place)
    if not isinstance(found, float):
        raise CircuitError(f"{place}: must be one number")
    return found


def seconds(value: Numbers, place: str) -> float:
    """A time in seconds; see :func:`si`."""
    return number(value, TIME, place)


def as_text(value: Number, place: str) -> str:
    """A number as a text with its unit, which :func:`constant` reads back bit for bit.

    Raises
    ------
    CircuitError
        one line that begins with ``place``.
    """
    if isinstance(value, str):
        return value
    measured = _measured(value, place)
    if measured is None:
        return repr(number(value, NONE, place))
    found, own = measured
    units = (f"*{_BASE[name][0]}**({power:g})" for name, power in own.items())
    return repr(number(found, NONE, place)) + "".join(units)


def _text(text: str, dimensions: Dimensions, place: str) -> float:
    try:
        typed = constant("value", text)
    except ModelError:
        raise CircuitError(f"{place}: {text[:40]!r} is no number and unit") from None
    if typed.value != 0 and typed.dimensions != dimensions:
        raise _other(text, typed.dimensions, dimensions, place)
    return float(typed.value)


def _other(given: str, own: Dimensions, dimensions: Dimensions, place: str) -> CircuitError:
    return CircuitError(
        f"{place}: {given[:40]!r} is in {text_of(own)}, but must be in {text_of(dimensions)}"
    )


def _array(value: Any, dimensions: Dimensions, place: str) -> NDArray[np.float64]:  # noqa: ANN401
    """Numbers, or a number for each part of a list of texts or quantities."""
    fault = CircuitError(f"{place}: neither a number, an array nor a distribution")
    listed = isinstance(value, list | tuple)
    if not listed or all(isinstance(one, int | float | np.number) for one in value):
        try:
            array = np.asarray(value)
            if array.dtype.kind in "fiub":
                return np.asarray(array, np.float64)
            value = array.tolist()
        except (TypeError, ValueError):
            raise fault from None
        if not isinstance(value, list):
            raise fault
    parts = [si(one, dimensions, place) for one in value]
    try:
        return np.array(parts, np.float64)
    except ValueError:
        raise fault from None


def _measured(
    value: Any,  # noqa: ANN401
    place: str,
) -> tuple[NDArray[np.float64], Dimensions] | None:
    """The numbers in SI of another package's quantity, and its dimensions; None for others."""
    try:
        if hasattr(value, "dim") and hasattr(value.dim, "get_dimension"):  # brian2
            own = {name: value.dim.get_dimension(base[2]) for name, base in _BASE.items()}
            return np.array(value, np.float64), _dimensions(own)
        if not hasattr(value, "dimensionality"):
            return None
        if hasattr(value, "rescale"):  # quantities, neo
            powers = {unit.symbol: p for unit, p in value.dimensionality.simplified.items()}
            own = {name: powers.pop(base[1], 0) for name, base in _BASE.items()}
            if powers:
                raise CircuitError(f"{place}: {str(value)[:40]!r} is in a unit that is not known")
            return np.array(value.simplified.magnitude, np.float64), _dimensions(own)
        own = dict(value.dimensionality)  # pint
        if {*own} - {*_BASE}:
            raise CircuitError(f"{place}: {str(value)[:40]!r} is in a unit that is not known")
        unit = "*".join(f"{_BASE[name][0]}**({power})" for name, power in own.items())
        return np.array(value.to(unit or "").magnitude, np.float64), _dimensions(own)
    except (AttributeError, TypeError, ValueError):
        raise CircuitError(f"{place}: {str(value)[:40]!r} is no number and unit") from None


def _dimensions(powers: dict[str, float]) -> Dimensions:
    return Dimensions({name: power for name, power in powers.items() if power})
