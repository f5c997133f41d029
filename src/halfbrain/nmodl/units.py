"""Units as NMODL files write them, and the physical constants that a UNITS block asks for."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from halfbrain.equations.dimensions import NONE, Dimensions, unit
from halfbrain.errors import ModelError

# CODATA 2018 (exact by definition of the SI), as NEURON has them since version 8.
_ELEMENTARY, _AVOGADRO, _BOLTZMANN = 1.602176634e-19, 6.02214076e23, 1.380649e-23
_CONSTANTS = {
    "faraday": (_ELEMENTARY * _AVOGADRO, "coulomb"),
    "k": (_BOLTZMANN, "joule"),
    "mole": (_AVOGADRO, "1"),
    "e": (_ELEMENTARY, "coulomb"),
    "pi": (math.pi, "1"),
}
_PREFIXES = {"": 1.0, "kilo": 1e3, "k": 1e3, "milli": 1e-3, "m": 1e-3, "micro": 1e-6}
_UNITS = {
    "coulomb": "coulomb",
    "coul": "coulomb",
    "C": "coulomb",
    "joule": "joule",
    "J": "joule",
    "1": "1",
    "": "1",
}


def constant(source: str, target: str) -> float | None:
    """``(source)`` as a number of ``(target)``; None where one of them is not known."""
    words = re.split(r"[ -]+", source.strip())  # "k-mole", "mole k": a product
    if not all(word in _CONSTANTS for word in words):
        return None
    value = math.prod(_CONSTANTS[word][0] for word in words)
    dimension = "".join(d for _, d in map(_CONSTANTS.__getitem__, words) if d != "1") or "1"
    # "joule/degC", "kilocoulombs", "10000 coulomb", "/mole": only the first unit has a scale here.
    unit = re.sub(r"[/ -]?\b(degC|kelvin|K|mole?)\b|/", "", target).strip()
    match = re.fullmatch(r"(\d[\d.]*(?:e[+-]?\d+)?)?[ *-]*([A-Za-z]*)", unit)
    if match is None:
        return None
    scale = float(match[1] or 1)
    word = match[2].removesuffix("s")
    for prefix, factor in _PREFIXES.items():
        if word.startswith(prefix) and _UNITS.get(word.removeprefix(prefix)) == dimension:
            return value / (scale * factor)
    return None


_PART = re.compile(
    r"(?P<name>[^\W\d_]+)(?:(?:\s*(?:\^|\*\*)\s*)?(?P<power>\d+)|\s*-\s*(?P<below>\d+))?"
    r"|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<sign>[/*-])|\s+"
)
# NEURON's spelling of the units that the field uses, where it is not ours.
_SPELT = {
    "coul": "coulomb",
    "sec": "second",
    "msec": "ms",
    "micron": "um",
    "megohm": "Mohm",
    "degC": "kelvin",
    "degK": "kelvin",
    "celsius": "kelvin",
}


@lru_cache(maxsize=1024)
def declared(text: str) -> tuple[float, Dimensions] | None:
    """The size in SI units and the dimensions of a unit as .mod files write it; None if not known.

    As in NEURON, ``-`` and a space multiply, and all that stands behind a ``/`` is below it.

    Examples
    --------
    >>> declared("mho/cm2") == declared("S/cm^2")
    True
    """
    size, dimensions, way, at = 1.0, NONE, 1, 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        at = part.end()
        if part["sign"] == "/":
            way = -1
        elif part["number"]:
            size *= float(part["number"]) ** way
        elif part["name"]:
            name = re.sub(r"mhos?$", "siemens", part["name"])
            try:
                of, kind = unit(_SPELT.get(name, name))
            except ModelError:
                return None
            power = way * (-int(part["below"]) if part["below"] else int(part["power"] or 1))
            size, dimensions = size * of**power, dimensions * kind**power
    return (size, dimensions) if size > 0 else None
