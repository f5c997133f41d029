"""NEURON's own mechanisms (hh, pas, ExpSyn, Exp2Syn) written by hand, and cells to put them in."""

import numpy as np
import sympy

from halfbrain.equations.functions import SELECT
from halfbrain.morphology.compartments import Compartments, Placed
from halfbrain.program.instructions import Program
from halfbrain.program.instructions import lower_as_written as lower
from halfbrain.program.mechanism import Ion, Mechanism

NOTHING = Program((), (), {})


def s(name):
    return sympy.Symbol(name, real=True)


def pas():
    v, g, e = s("v"), s("g"), s("e")
    current = lower({"i": g * (v - e), "g": g})
    return Mechanism(
        "pas", "density", {"g": 0.001, "e": -70.0}, {}, (), (), NOTHING, current, lambda dt: None
    )


def _trap(x, y):
    near = sympy.StrictLessThan(sympy.Abs(x / y), 1e-6)
    return SELECT(near, y * (1 - x / y / 2), x / (sympy.exp(x / y) - 1))


def hh():
    """Hodgkin and Huxley 1952, with the temperature factor of NEURON's hh."""
    v, m, h, n = s("v"), s("m"), s("h"), s("n")
    q10 = 3 ** ((s("celsius") - 6.3) / 10)
    rates = {
        "m": (0.1 * _trap(-(v + 40), 10), 4 * sympy.exp(-(v + 65) / 18)),
        "h": (0.07 * sympy.exp(-(v + 65) / 20), 1 / (sympy.exp(-(v + 35) / 10) + 1)),
        "n": (0.01 * _trap(-(v + 55), 10), 0.125 * sympy.exp(-(v + 65) / 80)),
    }
    steady = {x: a / (a + b) for x, (a, b) in rates.items()}

    def step(dt):
        return lower(
            {
                x: s(x) + (1 - sympy.exp(-dt * q10 * (a + b))) * (steady[x] - s(x))
                for x, (a, b) in rates.items()
            }
        )

    na, k = s("gnabar") * m**3 * h, s("gkbar") * n**4
    ina, ik = na * (v - s("ena")), k * (v - s("ek"))
    current = lower(
        {"i": ina + ik + s("gl") * (v - s("el")), "g": na + k + s("gl"), "ina": ina, "ik": ik}
    )
    ions = (Ion("na", ("ena",), ("ina",)), Ion("k", ("ek",), ("ik",)))
    parameters = {"gnabar": 0.12, "gkbar": 0.036, "gl": 0.0003, "el": -54.3}
    return Mechanism(
        "hh",
        "density",
        parameters,
        {},
        ("m", "h", "n"),
        ions,
        lower(steady),
        current,
        step,
    )


def expsyn():
    v, g = s("v"), s("g")
    # The slope has the name that the state has: an output of ``current`` named g is the slope.
    current = lower({"i": g * (v - s("e")), "g": g})

    def step(dt):
        return lower({"g": g * sympy.exp(-dt / s("tau"))})

    return Mechanism(
        "ExpSyn", "point", {"tau": 0.1, "e": 0.0}, {}, ("g",), (), lower({"g": sympy.Integer(0)}),
        current, step, ("weight",), lower({"g": g + s("weight")}),
    )  # fmt: skip


def exp2syn():
    v, a, b, tau1, tau2 = s("v"), s("A"), s("B"), s("tau1"), s("tau2")
    peak = tau1 * tau2 / (tau2 - tau1) * sympy.log(tau2 / tau1)
    factor = 1 / (sympy.exp(-peak / tau2) - sympy.exp(-peak / tau1))
    current = lower({"i": (b - a) * (v - s("e")), "g": b - a})

    def step(dt):
        return lower({"A": a * sympy.exp(-dt / tau1), "B": b * sympy.exp(-dt / tau2)})

    weight = s("weight") * factor
    return Mechanism(
        "Exp2Syn", "point", {"tau1": 0.1, "tau2": 10.0, "e": 0.0}, {}, ("A", "B"), (),
        lower({"A": sympy.Integer(0), "B": sympy.Integer(0)}), current, step, ("weight",),
        lower({"A": a + weight, "B": b + weight}),
    )  # fmt: skip


def cylinder(n, length, diameter, ra, placed, *, cm=1.0, celsius=6.3, v_init=-65.0, ions=None):
    """An unbranched cable of n equal compartments (um, ohm cm)."""
    dx = length / n
    coupling = np.full(n, 100 * np.pi * diameter**2 / 4 / (ra * dx))
    coupling[0] = 0.0
    return Compartments(
        np.arange(-1, n - 1),
        np.full(n, np.pi * diameter * dx),
        coupling,
        np.full(n, cm),
        np.full(n, diameter),
        np.arange(n) * dx,
        np.zeros(n, np.int64),
        (np.arange(n) + 0.5) / n,
        ("dendrite",),
        tuple(placed),
        ions or {"ena": 50.0, "ek": -77.0},
        (),
        celsius,
        v_init,
    )


def tree(branches, placed, *, ra=100.0, cm=1.0, celsius=6.3, v_init=-65.0, ions=None):
    """Sections (parent's number or -1, n, length, diameter) joined end to end, as NEURON cuts them.

    Between the last compartment of a section and the first of the next is a point without membrane.
    """
    parent, area, coupling, diam, section, position, ends = [], [], [], [], [], [], {}

    def half(n, length, diameter):  # uS from the middle of a compartment to its end
        return 100 * np.pi * diameter**2 / 4 / (ra * length / n / 2)

    for number, (up, n, length, diameter) in enumerate(branches):
        for j in range(n):
            if j == 0:
                parent.append(-1 if up < 0 else ends[up])
                coupling.append(0.0 if up < 0 else half(n, length, diameter))
            else:
                parent.append(len(parent) - 1)
                coupling.append(half(n, length, diameter) / 2)
            area.append(np.pi * diameter * length / n)
            diam.append(diameter)
            section.append(number)
            position.append((j + 0.5) / n)
        parent.append(len(parent) - 1)
        coupling.append(half(n, length, diameter))
        area.append(0.0)
        diam.append(diameter)
        section.append(number)
        position.append(1.0)
        ends[number] = len(parent) - 1
    n = len(parent)
    return Compartments(
        np.array(parent), np.array(area), np.array(coupling), np.full(n, cm), np.array(diam),
        np.zeros(n), np.array(section), np.array(position), ("dendrite",) * len(branches),
        tuple(placed), ions or {"ena": 50.0, "ek": -77.0}, (), celsius, v_init,
    )  # fmt: skip


def everywhere(mechanism, branches, **parameters):
    """In all compartments of a tree, but not the points between its sections."""
    where, at = [], 0
    for _, n, _, _ in branches:
        where += range(at, at + n)
        at += n + 1
    return Placed(mechanism, np.array(where), parameters)
