"""Physical dimensions of model equations, by Pint; values are held in SI base units."""

from __future__ import annotations

import re
from functools import lru_cache

import pint
from pint.util import UnitsContainer

from halfbrain.errors import ModelError

Dimensions = UnitsContainer
NONE: Dimensions = UnitsContainer()
TIME: Dimensions = UnitsContainer({"[time]": 1})

_UNIT = re.compile(
    r"\s*(?:1|[A-Za-z]\w*)(?:\s*(?:\*\*|\^)\s*-?[1-4])?"
    r"(?:\s*[*/]\s*[A-Za-z]\w*(?:\s*(?:\*\*|\^)\s*-?[1-4])?){0,6}\s*"
)
# Brian2's spelling of the units that the field uses, where Pint's differs.
_ALIASES = {
    "amp": "ampere",
    "metre": "meter",
    "ohm": "ohm",
    "siemens": "siemens",
    "Hz": "1/second",
    "hertz": "1/second",
    "molar": "mole/liter",
    "mM": "millimole/liter",
}


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry()


@lru_cache(maxsize=2048)
def unit(text: str) -> tuple[float, Dimensions]:
    """The size of a unit in SI base units, and its dimensions.

    Raises
    ------
    ModelError
        if the text is no product of known units.
    """
    if text.strip() in ("1", ""):
        return 1.0, NONE
    if len(text) > 80 or not _UNIT.fullmatch(text):
        raise ModelError(f"{text[:40]!r} is not a unit; write one as in 'mV' or 'nS/cm**2'")
    spelt = re.sub(r"[A-Za-z]\w*", lambda match: f"({_ALIASES.get(match[0], match[0])})", text)
    try:
        quantity = _registry().Quantity(1, spelt.replace("^", "**")).to_base_units()
    except Exception:  # Pint's parser fails in many ways; all mean the same to the user.
        raise ModelError(
            f"{text[:40]!r} is not a unit; write one as in 'mV' or 'nS/cm**2'"
        ) from None
    # Pint's base unit of mass in SI is the kilogram, so this is plain SI.
    return float(quantity.magnitude), quantity.dimensionality


@lru_cache(maxsize=2048)
def unit_or_none(name: str) -> tuple[float, Dimensions] | None:
    """What ``mV`` or ``ms`` in an expression stands for; None if it is no unit."""
    try:
        return unit(name)
    except ModelError:
        return None


def text_of(dimensions: Dimensions) -> str:
    """Dimensions as a unit that the field uses, for messages."""
    if not dimensions:
        return "a pure number"
    for over in ("", "/second", "*second"):
        for name in _NAMED:
            if unit(name + over)[1] == dimensions:
                return name + over
    return "*".join(f"{_BASE[name]}^{power:g}" for name, power in dimensions.items())


_NAMED = (
    "volt",
    "amp",
    "siemens",
    "farad",
    "ohm",
    "coulomb",
    "second",
    "hertz",
    "metre",
    "mole",
    "kelvin",
)
_BASE = {
    "[length]": "metre",
    "[mass]": "kilogram",
    "[time]": "second",
    "[current]": "amp",
    "[temperature]": "kelvin",
    "[substance]": "mole",
    "[luminosity]": "candela",
}
