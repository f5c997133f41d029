"""Values of mechanisms' parameters: with a unit of their own, or in their file's."""

import numpy as np
import pytest

from halfbrain.cells.detailed.classic import CLASSIC
from halfbrain.errors import HalfbrainError, ModelError
from halfbrain.nmodl import read_mechanism
from halfbrain.nmodl.parameters import mechanism_value
from halfbrain.nmodl.units import declared

MIXED = read_mechanism(
    """
NEURON { POINT_PROCESS Mixed RANGE g, tau, n, e, p, rate, odd NONSPECIFIC_CURRENT i GLOBAL q }
UNITS { (nA) = (nanoamp) (mV) = (millivolt) }
PARAMETER {
    g = 1 (umho)  tau = 2 (ms)  n = 3  e = 0 (mV)  p = 1 (pS/um2)  rate = 1 (/ms-mM)
    odd = 1 (furlong)  q = 1 (megohm)
}
ASSIGNED { v (mV) i (nA) }
BREAKPOINT { i = g*n*p*rate*odd*q*tau*(v - e) }
NET_RECEIVE(weight (umho), share, late (ms)) { g = g + weight*share*late }
"""
)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("g", "2 nS", 2e-3),
        ("g", 3, 3.0),
        ("g", "2", 2.0),
        ("g", "7 umho", 7.0),
        ("tau", "0.5 s", 500.0),
        ("tau", "-1e-3 second", -1.0),
        ("e", "-0.07 V", -70.0),
        ("p", "30 mS/cm2", 300.0),
        ("p", "1 S/cm**2", 1e4),
        ("rate", "5 /ms-mM", 5.0),
        ("e", "1 J/coul", 1000.0),
        ("rate", "1000 L/mol/s", 1e-3),
        ("odd", 2.5, 2.5),
        ("odd", "2.5 furlong", 2.5),
        ("q", "30 kohm", 0.03),
        ("n", "4", 4.0),
        ("weight", "1 nS", 1e-3),
        ("late", "1 us", 1e-3),
        ("tau", ["1 ms", 2, "0.003 s"], [1.0, 2.0, 3.0]),
        ("tau", np.array([1, 2]), [1.0, 2.0]),
    ],
)
def test_a_value_comes_out_in_the_unit_of_the_file(name, value, expected):
    assert mechanism_value(MIXED, name, value, "here") == pytest.approx(expected, rel=1e-14)


def test_decimal_prefixes_give_the_number_that_one_would_write():
    for mantissa in ("0.3", "36", "0.12", "7.7", "1e-3"):
        given = mechanism_value(CLASSIC["hh"], "gnabar", f"{mantissa} mS/cm2", "here")
        assert given == float(mantissa) * 1e-3


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("g", "2 ms", "here: g: '2 ms' is in second, but must be in umho"),
        ("n", "2 mV", "'2 mV' is in volt, but has no unit in its file"),
        ("odd", "2 mV", r"its file's unit \(furlong\) is not known; give a bare number in it"),
        ("g", "two nS", "'two nS' is no number and unit"),
        ("g", "2 nonsense", "'nonsense' is not a unit"),
        ("g", float("nan"), "'nan' is not a finite number"),
        ("g", "1e999", "'1e999' is not a finite number"),
        ("g", True, "'True' is neither a number nor a text with a unit"),
        ("g", np.array([1.0, np.inf]), "a number in the array is not finite"),
        ("gbar", 1, "'gbar' is no parameter of Mixed; there are tau, n"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(name, value, said):
    with pytest.raises(ModelError, match=said) as caught:
        mechanism_value(MIXED, name, value, "here")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("mho/cm2", "S/cm^2"),
        ("/ms/mM", "1 / ms-mM"),
        ("ms-1", "/ms"),
        ("mM*cm2/ms/mA", "cm2-mM/mA-ms"),
        ("10000 coul", "1e4 coulomb"),
        ("micron", "um"),
        ("volt-coul/degC", "J/kelvin"),
        ("1", ""),
    ],
)
def test_spellings_of_a_unit(text, same):
    ours, other = declared(text), declared(same)
    assert ours is not None
    assert other is not None
    assert ours[0] == pytest.approx(other[0], rel=1e-14)
    assert ours[1] == other[1]


@pytest.mark.parametrize("text", ["furlong", "(", "cm2 %", "0 mV"])
def test_what_is_no_unit(text):
    assert declared(text) is None


@pytest.mark.parametrize("name", ["hh", "pas", "ExpSyn", "Exp2Syn"])
def test_every_parameter_that_is_built_in_has_a_unit(name):
    mechanism = CLASSIC[name]
    for parameter in (*mechanism.parameters, *mechanism.arguments):
        assert declared(mechanism.units[parameter])


def test_quantities_of_pint_are_taken():
    pint = pytest.importorskip("pint")
    ureg = pint.UnitRegistry()
    assert mechanism_value(MIXED, "tau", 0.5 * ureg.second, "here") == pytest.approx(500.0)
    found = mechanism_value(MIXED, "g", np.array([1.0, 2.0]) * ureg.nS, "here")
    assert found == pytest.approx([1e-3, 2e-3])
    with pytest.raises(HalfbrainError, match=r"here: tau: .* is in volt, but must be in second"):
        mechanism_value(MIXED, "tau", 0.5 * ureg.volt, "here")
