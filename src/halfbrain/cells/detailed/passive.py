"""The leak that every detailed cell has: ``pas``."""

from __future__ import annotations

import sympy

from halfbrain.equations.expression import symbol
from halfbrain.program.instructions import Program, lower
from halfbrain.program.mechanism import Mechanism


def _no_step(dt: float) -> Program | None:
    return None


def _current() -> Program:
    g, e, v = symbol("g"), symbol("e"), symbol("v")
    results: dict[str, sympy.Basic] = {"i": g * (v - e), "g": g}
    return lower(results)


PAS = Mechanism(
    name="pas",
    kind="density",
    parameters={"g": 0.001, "e": -70.0},
    shared={},
    rows=(),
    ions=(),
    initial=Program((), (), {}),
    current=_current(),
    step=_no_step,
    units={"g": "S/cm2", "e": "mV"},
    source="i = g*(v - e), g in S/cm2; defaults of NEURON's pas",
)
