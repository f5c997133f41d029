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
    r"\s*(?:1|[^\W\d_]\w*)(?:\s*(?:\*\*|\^)\s*-?[1-4])?"
    r"(?:\s*[*/]\s*[^\W\d_]\w*(?:\s*(?:\*\*|\^)\s*-?[1-4])?){0,6}\s*"
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
# The units that people write: each symbol with the prefixes that it takes, and its full names. With
# a whole registry behind it, a mistyped name would be a constant of physics.
_UNITS = {
    "V": ("n u m k", "volt"),
    "A": ("f p n u m k", "amp ampere"),
    "S": ("f p n u m", "siemens"),
    "F": ("f p n u m", "farad"),
    "C": ("f p n u m", "coulomb"),
    "ohm": ("m k M G", "ohm"),
    "s": ("p n u m", "second"),
    "Hz": ("m k M G", "hertz"),
    "m": ("n u m c k", "metre meter"),
    "g": ("p n u m k", "gram"),
    "L": ("f p n u m", "litre liter"),
    "mol": ("a f p n u m", "mole"),
    "M": ("f p n u m", "molar"),
    "K": ("m", "kelvin"),
    "J": ("f p n u m k", "joule"),
    "W": ("f p n u m k", "watt"),
    "N": ("p n u m", "newton"),
    "Pa": ("m k M", "pascal"),
}
_PREFIXES = (
    *("a atto", "f femto", "p pico", "n nano", "u micro", "m milli", "c centi"),
    *("k kilo", "M mega", "G giga", "T tera"),
)
_OTHERS = ("minute", "hour", "day", "radian")


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry()


@lru_cache(maxsize=1)
def unit_names() -> frozenset[str]:
    """Every name of a unit that is known.

    A symbol takes the prefixes that people write with it (``mV``, ``nS``, ``kHz``), a full name
    any, short or long (``mvolt``, ``millivolt``), and an s. ``cm2`` and ``um3`` are powers.
    """
    full = [name for _, names in _UNITS.values() for name in names.split()]
    starts = ["", *(start for pair in _PREFIXES for start in pair.split())]
    found = {start + name for start in starts for name in full}
    found |= {name + "s" for name in (*found, *_OTHERS) if not name.endswith(("s", "z"))}
    for symbol, (prefixes, _) in _UNITS.items():
        found |= {symbol, *(prefix + symbol for prefix in prefixes.split())}
    lengths = {name for name in found if re.fullmatch(r"[numck]?(m|metre|meter)", name)}
    found |= {name + power for name in lengths for power in "23"} | set(_OTHERS)
    # Micro as people type it: two signs, of which Python makes one in an expression.
    micro = [name[1:] for name in found if name.startswith("u")]
    return frozenset(found | {sign + name for sign in "\u00b5\u03bc" for name in micro})


def _spelt(name: str) -> str:
    """A unit's name as Pint has it."""
    if name not in unit_names():
        raise ModelError(f"{name[:40]!r} is not a unit; write one as in 'mV' or 'nS/cm**2'")
    if name[-1] in "23":
        return f"{_spelt(name[:-1])}**{name[-1]}"
    return _ALIASES.get(name, name.replace("\u03bc", "\u00b5"))


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
    spelt = re.sub(r"[^\W\d_]\w*", lambda match: f"({_spelt(match[0])})", text)
    try:
        quantity = _registry().Quantity(1, spelt.replace("^", "**")).to_base_units()
    except Exception:  # Pint's parser fails in many ways; all mean the same to the user.
        raise ModelError(
            f"{text[:40]!r} is not a unit; write one as in 'mV' or 'nS/cm**2'"
        ) from None
    # Pint's base unit of mass in SI is the kilogram, so this is plain SI.
    return float(quantity.magnitude), quantity.dimensionality


def unit_or_none(name: str) -> tuple[float, Dimensions] | None:
    """What ``mV`` or ``ms`` in an expression stands for; None if it is no unit."""
    return unit(name) if name in unit_names() else None


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
