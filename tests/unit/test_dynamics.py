"""Equations: read as data, checked by dimension, integrated, counted, compiled."""

import math
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from halfbrain.codegen import exponential
from halfbrain.codegen.kernel import BLOCK, loop, scalar_function, variables
from halfbrain.equations import dimensions
from halfbrain.equations.dimensions import text_of, unit, unit_names
from halfbrain.equations.equations import constant, equations
from halfbrain.equations.expression import parse
from halfbrain.equations.integrate import integrate
from halfbrain.errors import ModelError
from halfbrain.program.instructions import lower

# Brian2's COBAHH example, after Traub and Miles (1991) as in Brette et al. 2007, doi
# 10.1007/s10827-007-0038-6, benchmark 3; synaptic currents and rate functions as published.
HODGKIN_HUXLEY = """
dv/dt = (gl*(El - v) + ge*(Ee - v) + gi*(Ei - v)
         - g_na*m**3*h*(v - ENa) - g_kd*n**4*(v - EK))/Cm : volt
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
dge/dt = -ge/taue : siemens
dgi/dt = -gi/taui : siemens
alpha_m = 0.32*4/exprel((13*mV - v + VT)/(4*mV))/ms : Hz
beta_m = 0.28*5/exprel((v - VT - 40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV - v + VT)/(18*mV))/ms : Hz
beta_h = 4/(1 + exp((40*mV - v + VT)/(5*mV)))/ms : Hz
alpha_n = 0.032*5/exprel((15*mV - v + VT)/(5*mV))/ms : Hz
beta_n = 0.5*exp((10*mV - v + VT)/(40*mV))/ms : Hz
"""
CONSTANTS = {
    "gl": "10 nS",
    "El": "-60 mV",
    "Ee": "0 mV",
    "Ei": "-80 mV",
    "g_na": "20 uS",
    "g_kd": "6 uS",
    "ENa": "50 mV",
    "EK": "-90 mV",
    "Cm": "200 pF",
    "VT": "-63 mV",
    "taue": "5 ms",
    "taui": "10 ms",
}
START = {"v": -0.06, "m": 0.05, "n": 0.3, "h": 0.6, "ge": 6e-9, "gi": 2e-9}


def run(model, method, dt, steps, start):
    program = lower(integrate(model, dt, method))
    step = scalar_function(program)
    state = dict(start)
    for _ in range(steps):
        state |= dict(
            zip(program.outputs, step(*(state[name] for name in program.inputs)), strict=True)
        )
    return state


# -- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dv/dt = __import__('os') : volt", "no known call"),
        ("dv/dt = v.real/ms : 1", "is not allowed in an equation"),
        ("dv/dt = (lambda: 1)()/ms : 1", "is not allowed"),
        ("dv/dt = [1][0]/ms : 1", "is not allowed"),
        ("dv/dt = 9**9**9/ms : 1", "exponent over"),
        ("dv/dt = 1e999/ms : 1", "too large"),
        ("dv/dt = v/(1 - 1)/ms : 1", "divided by"),
        ("dv/dt = exp(v)/ms : volt", "needs a pure number, not volt"),
        ("dv/dt = v : volt", "is in volt, but must be in volt/second"),
        ("dv/dt = (v + 3*nS)/ms : volt", "cannot add v (volt) and 3 * nS (siemens)"),
        ("dv/dt = w/ms : volt", "'w' is not known; known are v"),
        ("a = b : 1\nb = a : 1", "defined by one another"),
        ("v : volt\nv : volt", "defined twice"),
        ("dv/dt = -v/ms : volt (sometimes)", "unknown flag 'sometimes'"),
        ("dv/dt = -v/ms : quux", "is not a unit"),
        ("dv/dt = -v/ms", "write 'dx/dt"),
        ("dv/dt = (v > 0)/ms : 1", "true or false"),
        ("exp : 1", "cannot be a name"),
        ("dv/dt = " + "(" * 500 + "v" + ")" * 500 + "/ms : 1", "equation"),
        ("dv/dt = " + "-" * 1500 + "v/ms : 1", "equation"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_names_the_equation(text, message):
    with pytest.raises(ModelError) as error:
        equations(text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


_WORDS = ["v", "dv/dt", "mV", "ms", "exp", "1", "volt", "and", "**", "__class__", "rand()"]


@settings(max_examples=1000, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from([*"()+-*/<>=:.,# \n", *_WORDS]), max_size=25).map("".join),
    )
)
def test_no_text_brings_a_traceback(text):
    try:
        equations(text)
    except ModelError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("name", ["g_e", "alpha", "zeta", "t", "dt", "c", "h", "V", "day_", "eV"])
def test_an_undeclared_name_is_no_constant_of_physics(name):
    with pytest.raises(ModelError, match=f"'{name}' is not known.*; known are v, ge and units"):
        equations(f"dv/dt = (-v + {name}*(1 - v))/(10*ms) : 1\ndge/dt = -ge/(5*ms) : 1")


def test_the_nearest_names_are_said():
    with pytest.raises(ModelError, match=r"'g_e' is not known \(did you mean ge\?\)"):
        equations("dv/dt = g_e/ms : 1\nge : 1")
    with pytest.raises(ModelError, match=r"'msec' is not known \(did you mean .*ms"):
        equations("dv/dt = -v/msec : 1")
    with pytest.raises(ModelError, match="'tonne' is not known"):
        constant("x", "1 tonne")


def test_every_unit_that_is_known_can_be_read():
    assert all(unit(name)[0] > 0 for name in unit_names())
    assert unit("cm2") == unit("cm**2")
    assert unit("\u00b5S") == unit("\u03bcS") == unit("uS") == unit("microsiemens")
    assert float(constant("x", "3 \u00b5m2").value) == pytest.approx(3e-12)


def test_flags_subexpressions_and_parameters():
    model = equations(
        "dv/dt = (I - v)/tau : volt (unless refractory)\nI = 2*drive : volt\n"
        "drive : volt (constant)  # from outside",
        {"tau": "10 ms"},
    )
    assert [v.name for v in model.of("differential")] == ["v"]
    assert model.variables["v"].held_while_refractory
    assert {s.name for s in model.variables["v"].expression.free_symbols} == {"v", "drive"}


def test_thresholds_are_expressions_too():
    model = equations("dv/dt = -v/(10*ms) : volt")
    program = lower({"spike": parse("v > -50*mV and v < 1*volt", model.names(), "threshold").value})
    assert program.count() == Counter(compare=3)
    assert scalar_function(program)(-0.04) == (True,)
    with pytest.raises(ModelError, match=r"threshold: .* cannot compare"):
        parse("v > 3*nS", model.names(), "threshold")


POWERS = (-18, -15, -12, -9, -6, -3, -2, 3, 6, 9, 12)
SIZES = dict(zip("afpnumckMGT", POWERS, strict=True))
LONG = ["atto", "femto", "pico", "nano", "micro", "milli", "centi", "kilo", "mega", "giga", "tera"]


def test_every_prefix_goes_with_every_name_of_a_unit():
    names = [name for _, own in dimensions._UNITS.values() for name in own.split()]
    for (short, power), long in zip(SIZES.items(), LONG, strict=True):
        for name in names:
            size, of = unit(name)
            for start in (short, long, "\u00b5", "\u03bc") if short == "u" else (short, long):
                for ending in ("", "" if name.endswith(("s", "z")) else "s"):
                    found = unit(start + name + ending)
                    assert found == (pytest.approx(size * 10.0**power, rel=1e-12), of)
    for symbol, (starts, _) in dimensions._UNITS.items():
        assert set(starts.split()) <= set(SIZES)
        for start in starts.split():
            assert unit(start + symbol)[0] == pytest.approx(unit(symbol)[0] * 10.0 ** SIZES[start])


@pytest.mark.parametrize(
    ("text", "size", "name"),
    [
        ("mV", 1e-3, "volt"),
        ("nS", 1e-9, "siemens"),
        ("uF/cm**2", 1e-2, None),
        ("Hz", 1.0, "hertz"),
        ("ms", 1e-3, "second"),
        ("1", 1.0, "a pure number"),
        ("pA", 1e-12, "amp"),
        ("mM", 1.0, None),
    ],
)
def test_units_are_si(text, size, name):
    found, dimensions = unit(text)
    assert found == pytest.approx(size, rel=1e-12)
    if name:
        assert text_of(dimensions) in (name, "1/second", "hertz")


# -- integrating -------------------------------------------------------------------------------


def test_the_leaky_neuron_is_the_closed_form_to_1e_12():
    model = equations(
        "dv/dt = (EL - v + R*I)/tau : volt\nI : amp",
        {"EL": "-70 mV", "R": "100 Mohm", "tau": "20 ms"},
    )
    state = run(model, "exact", 1e-4, 1000, {"v": -0.07, "I": 3e-10})
    rest = -0.07 + 1e8 * 3e-10
    assert state["v"] == pytest.approx(rest + (-0.07 - rest) * math.exp(-0.1 / 0.02), abs=1e-12)


def test_exact_solves_coupled_equations_with_equal_time_constants():
    """An alpha synapse: g'' has a double root, where (e^at - e^bt)/(a - b) fails."""
    model = equations(
        "dv/dt = (g - v)/tau : 1\ndg/dt = (x - g)/tau : 1\ndx/dt = -x/tau : 1", {"tau": "5 ms"}
    )
    state = run(model, None, 1e-3, 10, {"v": 0.0, "g": 0.0, "x": 1.0})
    s = 0.01 / 0.005
    assert state["x"] == pytest.approx(math.exp(-s), rel=1e-12)
    assert state["g"] == pytest.approx(s * math.exp(-s), rel=1e-12)
    assert state["v"] == pytest.approx(s**2 / 2 * math.exp(-s), rel=1e-12)


def test_the_form_of_the_equations_chooses_the_method():
    decay = equations("dx/dt = -x/ms : 1")
    assert integrate(decay, 1e-4) == integrate(decay, 1e-4, "exact")
    gated = equations("dx/dt = -x*y/ms : 1\ndy/dt = (1 - y)/ms : 1")
    assert integrate(gated, 1e-4) == integrate(gated, 1e-4, "exponential-euler")
    square = equations("dx/dt = (1 - x**2)/ms : 1")
    assert integrate(square, 1e-4) == integrate(square, 1e-4, "rk4")
    for method in ("exact", "exponential-euler"):
        with pytest.raises(ModelError, match="needs"):
            integrate(square, 1e-4, method)
    with pytest.raises(ModelError, match="no integrator 'magic'"):
        integrate(square, 1e-4, "magic")


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("exponential-euler", 1), ("rk4", 4)])
def test_integrators_converge_to_an_independent_solution_at_their_order(method, order):
    model = equations(HODGKIN_HUXLEY, CONSTANTS)
    rates = lower({v.name: v.expression for v in model.of("differential")})
    slope = scalar_function(rates)
    names = list(rates.outputs)

    def field(_, y):
        at = dict(zip(names, y, strict=True))
        return slope(*(at[name] for name in rates.inputs))

    span = 2e-3
    reference = solve_ivp(
        field, (0, span), [START[n] for n in names], rtol=1e-12, atol=1e-16, method="DOP853"
    )
    expected = dict(zip(names, reference.y[:, -1], strict=True))["v"]
    errors = [
        abs(run(model, method, span / steps, steps, START)["v"] - expected) for steps in (100, 200)
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.25)


# -- counting and compiling --------------------------------------------------------------------


class Counted(float):
    """A float that counts what is done to it."""

    tally: ClassVar[Counter] = Counter()

    @classmethod
    def made(cls, kind, value):
        cls.tally[kind] += 1
        return cls(value)

    def __add__(self, other):
        return self.made("add", float(self) + float(other))

    def __sub__(self, other):
        return self.made("add", float(self) - float(other))

    def __mul__(self, other):
        return self.made("multiply", float(self) * float(other))

    def __truediv__(self, other):
        return self.made("divide", float(self) / float(other))

    def __neg__(self):
        return self.made("add", -float(self))

    def __abs__(self):
        return self.made("compare", abs(float(self)))

    def __lt__(self, other):
        self.tally["compare"] += 1
        return float(self) < float(other)


@pytest.mark.parametrize("method", ["euler", "exponential-euler", "rk4"])
def test_the_count_is_what_counting_numbers_count(method):
    program = lower(integrate(equations(HODGKIN_HUXLEY, CONSTANTS), 1e-4, method))
    functions = {
        name: (lambda x, f=f: Counted.made("exp", f(x)))
        for name, f in (("exp", math.exp), ("expm1", math.expm1))
    }
    Counted.tally = Counter()
    scalar_function(program, functions, Counted)(*(Counted(START[name]) for name in program.inputs))
    count = program.count()
    # A fused operation is a product and a sum; a choice is no arithmetic.
    expected = Counter(
        add=count["add"] + count["fused"],
        multiply=count["multiply"] + count["fused"],
        divide=count["divide"],
        exp=count["exp"],
        compare=count["compare"],
    )
    assert Counted.tally == expected
    assert count["exp"] >= 6


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-4)])
def test_the_compiled_loop_is_the_scalar_function(dtype, tolerance):
    program = lower(integrate(equations(HODGKIN_HUXLEY, CONSTANTS), 1e-5, "exponential-euler"))
    rng = np.random.default_rng(1)
    names = variables(program)
    start = np.array([START[name] for name in names])[None, :, None]
    state = (start * rng.uniform(0.9, 1.1, (3, len(names), BLOCK))).astype(dtype)
    before = state.copy()
    loop(program, dtype)(state)
    step = scalar_function(program)
    for block, lane in [(0, 0), (0, BLOCK - 1), (1, 7), (2, BLOCK - 1)]:
        at = dict(zip(names, before[block, :, lane].astype(float), strict=True))
        expected = dict(zip(program.outputs, step(*(at[n] for n in program.inputs)), strict=True))
        for row, name in enumerate(names):
            assert state[block, row, lane] == pytest.approx(expected[name], rel=tolerance)


def test_the_loop_wants_the_state_that_it_was_compiled_for():
    step = loop(lower(integrate(equations("dx/dt = -x/ms : 1"), 1e-4)), np.float32)
    with pytest.raises(ValueError, match="float32 of shape"):
        step(np.zeros((1, 1, BLOCK)))


def test_random_numbers_need_an_engine():
    program = lower(integrate(equations("dx/dt = -x/ms + randn()/ms : 1"), 1e-4, "euler"))
    assert program.count()["random"] == 1
    with pytest.raises(ModelError, match="engine"):
        loop(program)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "ulps"), [("exp", 1.0), ("expm1", 2.5)])
def test_the_fast_exponentials_are_within_a_few_ulps(name, ulps, dtype):
    function = exponential.functions(dtype)[name]
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [rng.uniform(-80, 80, 3000), rng.normal(0, 1e-3, 2000), rng.uniform(-1, 1, 2000)]
    )
    x = x.astype(dtype)
    found = np.array([function(value) for value in x], dtype=dtype)
    expected = getattr(np, name)(x.astype(np.longdouble))
    unit_in_the_last_place = np.spacing(np.abs(expected.astype(dtype)))
    error = np.abs(found.astype(np.longdouble) - expected) / unit_in_the_last_place
    assert error.max() < ulps


def test_the_fast_exponential_has_its_limits():
    for dtype in (np.float64, np.float32):
        exp = exponential.functions(dtype)["exp"]
        assert (exp(dtype(0)), exp(dtype(-1e4)), exp(dtype(1e4))) == (1, 0, np.inf)
        assert np.isnan(exp(dtype(np.nan)))
        expm1 = exponential.functions(dtype)["expm1"]
        assert [expm1(dtype(x)) for x in (0, -1e4, 1e4, -np.inf)] == [0, -1, np.inf, -1]
        assert np.isnan(expm1(dtype(np.nan)))
        most = np.log(np.finfo(dtype).max)  # its exponential is 2^128 or 2^1024 but for a bit
        assert expm1(dtype(0.99 * most)) == pytest.approx(
            np.expm1(float(dtype(0.99 * most))), rel=1e-6
        )
        assert np.isfinite(expm1(np.nextafter(most, dtype(0))))
