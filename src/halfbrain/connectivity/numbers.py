"""Numbers that have no unit, read from whatever a user gives."""

from __future__ import annotations

import math
from numbers import Integral, Real

import numpy as np

from halfbrain.errors import CircuitError


def plain(number: object, place: str) -> float:
    """A number without a unit; what is none is one line that begins with ``place``."""
    if isinstance(number, bool | np.bool_) or not isinstance(number, Real):
        raise CircuitError(f"{place} is a number without a unit, not {str(number)[:40]!r}")
    return float(number)


def whole(number: object, place: str) -> int:
    """A whole number, also one such as 3200.0; what is none is one line."""
    if isinstance(number, Integral) and not isinstance(number, bool):
        return int(number)
    if isinstance(number, float | np.floating) and math.isfinite(number) and number == int(number):
        return int(number)
    raise CircuitError(f"{place} is a whole number, not {str(number)[:40]!r}")


def flag(value: object, place: str) -> bool:
    """True or false; a text, which would be taken as true, is one line."""
    if not isinstance(value, bool | np.bool_):
        raise CircuitError(f"{place} is True or False, not {str(value)[:40]!r}")
    return bool(value)
