"""The units of the bill, as one small Pint registry.

Biological time, wall time, operations, neurons, synapses and tokens are base dimensions of their
own (a time step is a mere count). Mixing them up, such as wall seconds and biological ones, or
operations and operations a second, is then an error and not a number.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pint

from halfbrain.errors import FactError

_PREFIXES = """
femto- = 1e-15 = f-
pico- = 1e-12 = p-
nano- = 1e-9 = n-
micro- = 1e-6 = u- = µ-
centi- = 1e-2 = c-
milli- = 1e-3 = m-
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
peta- = 1e15 = P-
exa- = 1e18 = E-
zetta- = 1e21 = Z-
yotta- = 1e24 = Y-
"""

_UNITS = """
second = [time] = s
minute = 60 second
hour = 3600 second
day = 86400 second
year = 31557600 second
bio_second = [biological_time] = bio_s
bio_millisecond = 0.001 bio_second = bio_ms
bio_year = 31557600 bio_second
FLOP = [operation]
int_op = [integer_operation]
cycle = [cycle]
erasure = [erasure]
byte = [information] = B
bit = 0.125 byte
metre = [length] = m
gram = [mass] = g
ampere = [current] = A
kelvin = [temperature] = K
joule = 1000 gram * metre ** 2 / second ** 2 = J
watt = joule / second = W
watt_hour = 3600 joule = Wh
volt = watt / ampere = V
ohm = volt / ampere
farad = ampere * second / volt = F
USD = [currency]
neuron = [neuron]
synapse = [synapse]
compartment = [compartment]
channel = [channel]
segment = [segment]
equation = [equation]
parameter = [parameter]
token = [token]
sample = [sample]
step = []
node = [node]
core = [core]
device = [device]
dimensionless = []
"""


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[float]:
    """The one registry. Contexts: ``biological`` reads plain seconds as biological ones."""
    ureg: pint.UnitRegistry[float] = pint.UnitRegistry(None, on_redefinition="raise")
    for line in (_PREFIXES + _UNITS).strip().splitlines():
        if line != "dimensionless = []":
            ureg.define(line)
    return ureg


# Pint parses arithmetic; a unit is names, products, quotients and small powers, and no more.
_UNIT = re.compile(r"[A-Za-zµ_]+|1(?=\s*/)")
_ALLOWED = re.compile(
    r"\s*(?:[A-Za-zµ_]+|1(?=\s*/))(?:\s*(?:\^|\*\*)\s*-?[1-4])?"
    r"(?:\s*[*/]\s*[A-Za-zµ_]+(?:\s*(?:\^|\*\*)\s*-?[1-4])?){0,7}\s*"
)


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> pint.Unit:
    """Read a unit such as ``FLOP/neuron/step``.

    Raises
    ------
    FactError
        if the text is not a product of known units.
    """
    if text.strip() in ("", "1", "dimensionless"):
        return registry().Unit("")
    if len(text) > 120 or not _ALLOWED.fullmatch(text):
        raise FactError(f"{text[:60]!r} is not a unit; write one as in 'FLOP/neuron/step'")
    try:
        # '1/x' is no unit to Pint, 'x**-1' is: a leading 1 is a product of nothing.
        return registry().Unit(
            re.sub(r"^\s*1\s*/", "dimensionless/", text) if text.lstrip().startswith("1") else text
        )
    except pint.UndefinedUnitError as error:
        name = error.unit_names if isinstance(error.unit_names, str) else error.unit_names[0]
        raise FactError(
            f"unknown unit {name!r} in {text!r}; see docs/facts.md for the list"
        ) from None
    except Exception:  # Pint's parser has many ways to fail; all mean the same to the user.
        raise FactError(
            f"{text[:60]!r} is not a unit; write one as in 'FLOP/neuron/step'"
        ) from None


def unit_text(unit: pint.Unit) -> str:
    """A unit as the facts write it, such as ``FLOP/neuron/step``."""
    return f"{unit:C}".replace("**", "^")
