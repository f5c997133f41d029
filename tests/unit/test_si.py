"""The one rule of units: texts, bare numbers, and the quantities of other packages."""

import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfbrain.connectivity.value import GIVEN, Normal, Uniform, drawn
from halfbrain.equations.dimensions import NONE, TIME, unit
from halfbrain.equations.equations import constant
from halfbrain.equations.si import as_text, number, si
from halfbrain.errors import CircuitError

VOLT = unit("volt")[1]
ureg = pint.UnitRegistry()
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1.5 mV", 1.5e-3),
        (1.5, 1.5),
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.array(0.25), 0.25),
        (1.5 * ureg.mV, 1.5e-3),
        (1.5 * ureg("mA * ohm"), 1.5e-3),
        ("0", 0.0),
        (0 * ureg.second, 0.0),
    ],
)
def test_a_number(given, expected):
    assert si(given, VOLT, "here") == pytest.approx(expected, rel=1e-15)
    assert isinstance(si(given, VOLT, "here"), float)


@pytest.mark.parametrize(
    "given",
    [
        [1.0, 2.0],
        (1, 2),
        ["1 V", "2000 mV"],
        ["1 V", 2.0],
        np.array([1, 2]),
        [1, 2] * ureg.V,
        np.array([1e3, 2e3]) * ureg.mV,
        [1 * ureg.V, 2e3 * ureg.mV],
    ],
)
def test_arrays(given):
    assert si(given, VOLT, "here") == pytest.approx(np.array([1.0, 2.0]), rel=1e-15)
    assert drawn(given, VOLT, "here").kind == GIVEN


def test_the_quantities_of_quantities_and_neo():
    pq = pytest.importorskip("quantities")
    neo = pytest.importorskip("neo")
    assert si(1.5 * pq.mV, VOLT, "here") == pytest.approx(1.5e-3)
    assert si([1, 2] * pq.mV, VOLT, "here") == pytest.approx([1e-3, 2e-3])
    assert si([1 * pq.V, 2 * pq.mV], VOLT, "here") == pytest.approx([1, 2e-3])
    train = neo.SpikeTrain([5, 7] * pq.ms, t_stop=1 * pq.s)
    assert si(train, TIME, "here") == pytest.approx([5e-3, 7e-3])
    with pytest.raises(CircuitError, match="is in second, but must be in volt"):
        si(1 * pq.ms, VOLT, "here")


def test_the_quantities_of_brian2():
    b2 = pytest.importorskip("brian2")
    assert si(1.5 * b2.mV, VOLT, "here") == 1.5e-3
    assert si(b2.mV, VOLT, "here") == 1e-3
    assert si([1, 2] * b2.mV, VOLT, "here") == pytest.approx([1e-3, 2e-3])
    assert si([1 * b2.volt, 2 * b2.mV], VOLT, "here") == pytest.approx([1, 2e-3])
    assert constant("x", as_text(-65 * b2.mV, "here")).dimensions == VOLT
    with pytest.raises(CircuitError, match="is in second, but must be in volt"):
        si(1 * b2.ms, VOLT, "here")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("5 ms", "here: '5 ms' is in second, but must be in volt"),
        ("5", "here: '5' is in a pure number, but must be in volt"),
        ("five", "here: 'five' is no number and unit"),
        (5 * ureg.ms, "here: '5 millisecond' is in second, but must be in volt"),
        (5 * ureg.candela, "here: '5 candela' is in a unit that is not known"),
        (True, "here: 'True' is no number and unit"),
        (float("nan"), "here: 'nan' is no number and unit"),
        ([1.0, float("inf")], "here: its array holds a number that is not finite"),
        (float("inf") * ureg.V, "here: it is not finite"),
        (object(), "here: neither a number, an array nor a distribution"),
        ([[1, 2], [3]], "here: neither a number, an array nor a distribution"),
        ({}, "here: neither a number, an array nor a distribution"),
        (["1 V", "x"], "here: 'x' is no number and unit"),
    ],
)
def test_what_is_none_is_one_line(given, message):
    with pytest.raises(CircuitError) as error:
        si(given, VOLT, "here")
    assert str(error.value) == message


def test_several_where_one_is_meant():
    with pytest.raises(CircuitError, match="here: must be one number"):
        number([1, 2], VOLT, "here")


def test_distributions_take_quantities():
    found = drawn(Normal(-60 * ureg.mV, "2 mV", low=-0.1), VOLT, "here")
    assert (found.a, found.b, found.low) == pytest.approx((-0.06, 0.002, -0.1))
    assert drawn(Uniform(1 * ureg.ms, "2 ms"), TIME, "here").high == 2e-3


@given(numbers)
def test_a_bare_number_stays_as_it_is(x):
    assert si(x, VOLT, "here") == x


@given(numbers)
def test_as_a_text_a_number_is_the_same_bit_for_bit(x):
    assert float(constant("x", as_text(x, "here")).value) == x
    assert as_text("5 mV", "here") == "5 mV"


@given(st.floats(-1e6, 1e6))
def test_as_a_text_a_quantity_keeps_number_and_unit(x):
    typed = constant("x", as_text(x * ureg.V, "here"))
    assert (float(typed.value), typed.dimensions) == (x, VOLT if x else typed.dimensions)
    rate = constant("x", as_text(5 * ureg.kHz, "here"))
    assert (float(rate.value), rate.dimensions) == (5000.0, NONE / TIME)
