"""NEURON's own channels and synapses under its names: ``hh``, ``ExpSyn``, ``Exp2Syn``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy

from halfbrain.cells.detailed.passive import PAS
from halfbrain.equations.expression import symbol
from halfbrain.equations.functions import SELECT
from halfbrain.errors import ModelError
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.instructions import Program, lower_as_written
from halfbrain.program.mechanism import Ion, Mechanism

_V, _G, _E = symbol("v"), symbol("g"), symbol("e")


def _trap(x: sympy.Basic, y: float) -> sympy.Basic:
    """x/(exp(x/y) - 1), whole at 0, as NEURON's hh.mod has it."""
    near = sympy.StrictLessThan(sympy.Abs(x / y), 1e-6)
    return SELECT(near, y * (1 - x / y / 2), x / (sympy.exp(x / y) - 1))


def _hh() -> Mechanism:
    q10 = 3 ** ((symbol("celsius") - 6.3) / 10)
    rates = {
        "m": (0.1 * _trap(-(_V + 40), 10), 4 * sympy.exp(-(_V + 65) / 18)),
        "h": (0.07 * sympy.exp(-(_V + 65) / 20), 1 / (sympy.exp(-(_V + 35) / 10) + 1)),
        "n": (0.01 * _trap(-(_V + 55), 10), 0.125 * sympy.exp(-(_V + 65) / 80)),
    }
    steady = {x: a / (a + b) for x, (a, b) in rates.items()}

    def step(dt: float) -> Program:
        return lower_as_written(
            {
                x: symbol(x) + (1 - sympy.exp(-dt * q10 * (a + b))) * (steady[x] - symbol(x))
                for x, (a, b) in rates.items()
            }
        )

    m, h, n = symbol("m"), symbol("h"), symbol("n")
    na, k, gl = symbol("gnabar") * m**3 * h, symbol("gkbar") * n**4, symbol("gl")
    ina, ik = na * (_V - symbol("ena")), k * (_V - symbol("ek"))
    total = ina + ik + gl * (_V - symbol("el"))
    return Mechanism(
        name="hh",
        kind="density",
        parameters={"gnabar": 0.12, "gkbar": 0.036, "gl": 0.0003, "el": -54.3},
        shared={},
        rows=("m", "h", "n"),
        ions=(Ion("na", ("ena",), ("ina",)), Ion("k", ("ek",), ("ik",))),
        initial=lower_as_written(steady),
        current=lower_as_written({"i": total, "g": na + k + gl, "ina": ina, "ik": ik}),
        step=step,
        units={"gnabar": "S/cm2", "gkbar": "S/cm2", "gl": "S/cm2", "el": "mV"},
        source="Hodgkin and Huxley 1952, doi 10.1113/jphysiol.1952.sp004764; at 6.3 degC, Q10 3",
    )


def _synapse(
    name: str,
    parameters: dict[str, float],
    states: dict[str, tuple[str, sympy.Basic]],
    conductance: sympy.Basic,
    source: str,
) -> Mechanism:
    """A synapse whose ``states`` decay with a time constant, and grow by so much at an event."""

    def step(dt: float) -> Program:
        return lower_as_written(
            {x: symbol(x) * sympy.exp(-dt / symbol(tau)) for x, (tau, _) in states.items()}
        )

    return Mechanism(
        name=name,
        kind="point",
        parameters=parameters,
        shared={},
        rows=tuple(states),
        ions=(),
        initial=lower_as_written({x: sympy.Integer(0) for x in states}),
        current=lower_as_written({"i": conductance * (_V - _E), "g": conductance}),
        step=step,
        arguments=("weight",),
        receive=lower_as_written({x: symbol(x) + jump for x, (_, jump) in states.items()}),
        units={
            **dict.fromkeys(states, "uS"),
            **dict.fromkeys((tau for tau, _ in states.values()), "ms"),
            "e": "mV",
            "weight": "uS",
        },
        source=source,
    )


def _exp2syn() -> Mechanism:
    rise, fall, weight = symbol("tau1"), symbol("tau2"), symbol("weight")
    peak = rise * fall / (fall - rise) * sympy.log(fall / rise)
    jump = weight / (sympy.exp(-peak / fall) - sympy.exp(-peak / rise))
    return _synapse(
        "Exp2Syn",
        {"tau1": 0.1, "tau2": 10.0, "e": 0.0},
        {"A": ("tau1", jump), "B": ("tau2", jump)},
        symbol("B") - symbol("A"),
        "a conductance (uS) that rises with tau1 and falls with tau2; its peak is the weight",
    )


HH = _hh()
EXP_SYN = _synapse(
    "ExpSyn",
    {"tau": 0.1, "e": 0.0},
    {"g": ("tau", symbol("weight"))},
    _G,
    "a conductance (uS) that jumps by the weight and falls with tau",
)
EXP2_SYN = _exp2syn()
CLASSIC: dict[str, Mechanism] = {m.name: m for m in (PAS, HH, EXP_SYN, EXP2_SYN)}


def classic(name: str) -> Mechanism:
    """One of them, or ``pas``, by name.

    Raises
    ------
    ModelError
        for any other name.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.mechanism("hh").parameters["gnabar"]
    0.12
    """
    if name not in CLASSIC:
        raise ModelError(
            f"mechanism {name[:40]!r}: built in are {', '.join(CLASSIC)}; read a file: 'x.mod'"
        )
    return CLASSIC[name]


def with_hodgkin_huxley(cell: Compartments) -> Compartments:
    """A cell's shape with ``hh`` in all of its membrane, and nothing else."""
    return replace(
        cell,
        placed=(Placed(HH, np.flatnonzero(cell.area > 0), {}),),
        ions={"ena": 50.0, "ek": -77.0},
        nernst=(),
        celsius=6.3,
        v_init=-65.0,
    )
