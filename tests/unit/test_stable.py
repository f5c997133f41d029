"""Expressions that cancel, overflow or divide nought by nought as they are written."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.circuit import Circuit, Population
from halfbrain.codegen.kernel import scalar_function
from halfbrain.engine.point.group import PointGroup
from halfbrain.equations.dimensions import NONE
from halfbrain.equations.equations import equations
from halfbrain.equations.expression import Typed, parse, symbol
from halfbrain.equations.functions import whole_sums
from halfbrain.equations.integrate import integrate
from halfbrain.errors import ModelError
from halfbrain.program.fits import check_numbers
from halfbrain.program.instructions import lower

NAMES = {name: Typed(symbol(name), NONE) for name in "xa"}


@whole_sums
def program(text):
    return lower({"y": parse(text, NAMES, "test").value})


def run(text, dtype, **at):
    """The expression in one precision, as the engine works it out."""
    made = program(text)
    names = ("exp", "expm1", "log", "sqrt", "tanh")
    functions = {name: getattr(np, name) for name in names}
    with np.errstate(all="ignore"):
        function = scalar_function(made, functions, dtype)
        return float(function(*(dtype(at[name]) for name in made.inputs))[0])


def near(u):
    """x / (exp(x) - 1)."""
    return mpmath.mpf(1) if u == 0 else u / mpmath.expm1(u)


# The form, with centre, width and size; its value from u = (x - centre) / width.
FORMS = {
    "{s}*(x - {c})/(exp((x - {c})/{k}) - 1)": lambda u, s, k: s * k * near(u),
    "{s}*({c} - x)/(1 - exp((x - {c})/{k}))": lambda u, s, k: s * k * near(u),
    "{s}*(x - {c})/(1 - exp(-(x - {c})/{k}))": lambda u, s, k: s * k * near(-u),
    "{s}*(x - {c})/(1 - exp(({c} - x)/{k}))": lambda u, s, k: s * k * near(-u),
    "{s}/3*(3*x - 3*{c})/(exp((x - {c})/{k}) - 1)": lambda u, s, k: s * k * near(u),
    "{s}*(x - {c})*exp((x - {c})/{k})/(exp((x - {c})/{k}) - 1)": lambda u, s, k: s * k * near(-u),
    "{s}*(exp((x - {c})/{k}) - 1)/((x - {c})/{k})": lambda u, s, k: s / near(u),
    "{s}*exp((x - {c})/{k})": lambda u, s, k: s * mpmath.exp(u),
    "{s}/(1 + exp((x - {c})/{k}))": lambda u, s, k: s / (1 + mpmath.exp(u)),
    "{s}*exp((x - {c})/{k})/(1 + exp((x - {c})/{k}))": lambda u, s, k: s / (1 + mpmath.exp(-u)),
    "{s}*exp((x - {c})/{k})/(1 + exp((x - {c})/{k}))**2": lambda u, s, k: (
        s / (2 + mpmath.exp(u) + mpmath.exp(-u))
    ),
    "{s}*(exp(2*(x - {c})/{k}) - 1)/(exp(2*(x - {c})/{k}) + 1)": lambda u, s, k: s * mpmath.tanh(u),
    "{s}*log(1 + exp((x - {c})/{k}))": lambda u, s, k: s * mpmath.log(1 + mpmath.exp(u)),
}


@given(
    st.sampled_from(list(FORMS)),
    st.integers(-90, 60),
    st.sampled_from([0.05, 0.5, 4, 10, 25]),
    st.floats(0.01, 50),
    st.one_of(st.just(0.0), st.floats(-1e-6, 1e-6), st.floats(-1, 1), st.floats(-80, 80)),
)
@settings(max_examples=150, deadline=None)
def test_single_and_double_precision_are_right_to_rounding(form, centre, width, size, u):
    text = form.format(c=f"({centre})", k=width, s=size)
    for dtype, unit in ((np.float32, 6e-8), (np.float64, 1.2e-16)):
        x = dtype(centre + u * width)
        exact = (mpmath.mpf(float(x)) - centre) / mpmath.mpf(width)
        right = float(FORMS[form](exact, mpmath.mpf(size), mpmath.mpf(width)))
        # An exponent is known to the rounding of x and the centre over the width.
        moved = unit * (abs(float(x)) + abs(centre)) / width + 40 * unit
        value = run(text, dtype, x=x)
        assert value == pytest.approx(right, rel=3 * moved, abs=size * max(3 * moved * 1e-3, 1e-36))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("text", "x", "right"),
    [
        ("1/(1 + exp(x))", 800.0, 0.0),
        ("exp(x)/(1 + exp(x))", 800.0, 1.0),
        ("exp(x)/(1 + exp(x))**2", 800.0, 0.0),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", 800.0, 1.0),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", -800.0, -1.0),
        ("x/(exp(x) - 1)", 800.0, 0.0),
        ("x/(1 - exp(-x))", 800.0, 800.0),
        ("log(1 + exp(x))", 800.0, 800.0),
        ("1/(1 + exp((x + 50)/0.05))", -60.0, 1.0),
        ("(x/1e-12)**4", 2e-12, 16.0),
        ("(exp(a*x) - 1)/a", 3.0, 3.0),
    ],
)
def test_limits(text, x, right, dtype):
    assert run(text, dtype, x=x, a=0.0) == pytest.approx(right, rel=1e-6)


def test_one_difference_is_in_both_halves_of_a_quotient():
    text = "320000*(0.013 - x + -0.063)/(exp((0.013 - x + -0.063)/0.004) - 1)"
    for dtype in (np.float32, np.float64):
        assert run(text, dtype, x=-0.05) == pytest.approx(1280, rel=1e-5)


def state(cell, name, dtype, seconds, **values):
    population = Population("p", cell, 3, values)
    made = PointGroup(Circuit((population,), (), name="x"), threads=1, dtype=dtype)
    made.run(seconds)
    return made.state("p", name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_slope_that_is_nought(dtype):
    cell = Neuron("dv/dt = -a*v + b : 1\na : Hz\nb : Hz", name="c")
    a = np.array([0, 1e-4, 1.0])
    v = state(cell, "v", dtype, 0.1, a=a, b=1.0)
    assert v == pytest.approx([0.1, 0.1 - 5e-7, 1 - math.exp(-0.1)], rel=3e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", ["0.05", "0.5"])
def test_a_steep_gate(dtype, width):
    """Its exponent reaches 800, where both precisions overflow."""
    cell = Neuron(
        f"dh/dt = (0.25 - h)/tau : 1\ntau = 1*ms/(1 + exp((v + 50*mV)/({width}*mV))) : second\n"
        "v : volt",
        method="exponential-euler",
        name="gate",
    )
    v = np.array([-0.06, -0.05, -0.01])
    h = state(cell, "h", dtype, 1e-4, v=v, h=0.9)
    kept = [math.exp(-0.1 * (1 + math.exp(min((x + 0.05) / float(width) * 1e3, 700)))) for x in v]
    assert h == pytest.approx([0.25 + 0.65 * part for part in kept], rel=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sharp_exponential_neuron_fires_alike_in_both(dtype):
    cell = Neuron(
        "dv/dt = (g_L*(E_L - v) + g_L*D*exp((v - V_T)/D) + I)/C : volt (unless refractory)",
        constants={
            "E_L": "-65 mV", "g_L": "10 nS", "C": "100 pF", "I": "0.3 nA", "D": "0.5 mV",
            "V_T": "-50 mV",
        },
        threshold="v > -40*mV", reset="v = E_L", refractory="2 ms", method="euler", name="eif"
    )  # fmt: skip
    made = PointGroup(
        Circuit((Population("p", cell, 1, {"v": "-65 mV"}),), (), name="x"), threads=1, dtype=dtype
    )
    made.run(1.0)
    assert 95 <= len(made.spikes.steps) <= 99


def test_a_number_beyond_a_precision_is_said():
    with pytest.raises(ModelError, match=r"equation for 'y'.*beyond double precision"):
        program("exp(1000)*x")
    cell = Neuron("dv/dt = -v*1e43/second : 1\n", method="euler", name="c")
    circuit = Circuit((Population("few", cell, 1),), (), name="x")
    with pytest.raises(ModelError, match=r"population 'few': for v: the number -?1e\+39.*float32"):
        PointGroup(circuit, threads=1, dtype="float32")


@pytest.mark.parametrize(
    ("name", "value"), [("a", 1e-46), ("a", 1e39), ("v", -1e39), ("a", [1.0, 1e-46])]
)
def test_a_value_beyond_single_precision_is_said(name, value):
    """It was 0 or infinite without a word."""
    cell = Neuron("dv/dt = -a*v/second : 1\na : 1 (constant)", method="euler", name="c")
    given = np.broadcast_to(value, 2) if isinstance(value, list) else value
    circuits = [
        Circuit((Population("few", cell, 2, values),), (), name="x")
        for values in ({name: given}, {"a": np.ones(2)} if isinstance(value, list) else {"a": 1})
    ]
    line = rf"population 'few': '{name}' is 1e[-+]\d\d, which does not fit float32"
    with pytest.raises(ModelError, match=line):
        PointGroup(circuits[0], threads=1, dtype="float32")
    made = PointGroup(circuits[1], threads=1, dtype="float32")
    with pytest.raises(ModelError, match=line):
        made.set_state("few", name, given)
    made.set_state("few", "v", 1e-46)  # a state may come as near to 0 as it likes
    PointGroup(circuits[0], threads=1, dtype="float64")


@pytest.mark.parametrize("tau", ["1*us", "0.01*us"])
def test_what_decays_within_a_step_is_gone_and_not_refused(tau):
    updates = integrate(equations(f"dv/dt = (0.5 - v)/({tau}) : 1"), 1e-4, "exact")
    assert updates["v"] == pytest.approx(0.5)


@pytest.mark.parametrize("dt", [5e-3, 1e-2, 1.05e-2, 5e-2])
def test_what_comes_by_way_of_others_and_decays_is_gone_too(dt):
    """exp(-100) 100^3/6 of x is left in w, which is nothing, and no number of float32."""
    model = equations(
        "\n".join(f"d{b}/dt = ({a} - {b})/(0.1*ms) : 1" for a, b in ("0x", "xy", "yz", "zw"))
    )
    check_numbers(lower(updates := integrate(model, dt, "exact")), np.float32)
    at = {"x": 1.0, "y": 0.5, "z": 0.25, "w": 0.125}
    u = dt / 1e-4
    series = [at["w"], at["z"] * u, at["y"] * u**2 / 2, at["x"] * u**3 / 6]
    right = np.exp(-u) * sum(series)
    assert float(updates["w"].subs({symbol(name): x for name, x in at.items()})) == pytest.approx(
        right, rel=1e-9, abs=1e-24
    )
