"""Quantities: arithmetic keeps value, unit and origin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfbrain.errors import DimensionError, FactError
from halfbrain.facts.draws import Draws
from halfbrain.facts.explain import explain
from halfbrain.facts.interval import Interval, parse_interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin, Source
from halfbrain.facts.units import parse_unit

SOURCE = Source("somebody-2020", "Somebody", 2020, "A figure", "https://doi.org/10.0/0")
ORIGIN = Origin("read", (SOURCE,), "Table 1")


def figure(name, value, unit):
    interval, _ = parse_interval(value)
    return Quantity.leaf(name, interval, unit, ORIGIN)


def test_arithmetic_keeps_units():
    total = (
        figure("n", 10, "neuron")
        * figure("k", 7, "synapse/neuron")
        * figure("f", 2, "FLOP/synapse")
    )
    assert total.to("FLOP").magnitude() == 140
    assert (1 / figure("dt", "0.1", "bio_millisecond/step")).to(
        "step/bio_second"
    ).magnitude() == 1e4
    assert (figure("a", 3, "second") ** 2).magnitude("second**2") == 9


def test_a_dimension_error_names_the_two_figures():
    with pytest.raises(
        DimensionError, match=r"cannot add wall time \(second\) and life \(bio_second\)"
    ):
        figure("wall time", 1, "second") + figure("life", 1, "bio_second")
    with pytest.raises(DimensionError, match="rate is in FLOP/second, which is not FLOP"):
        figure("rate", 1, "FLOP/second").to("FLOP")


def test_the_same_figure_twice_has_the_same_draws():
    a = figure("a", "1 to 100", "FLOP")
    np.testing.assert_allclose((a / a).sample(Draws(1000)), 1.0)
    np.testing.assert_allclose((a - a).sample(Draws(1000)), 0.0)


def test_a_product_of_lognormals_is_the_lognormal_that_theory_gives():
    a, b = figure("a", "1 to 100", "FLOP"), figure("b", "1e3 to 1e7", "")
    low, mid, high = np.quantile((a * b).sample(Draws(400_000, 1)), (0.05, 0.5, 0.95))
    spread = np.hypot(np.log(100) / 2, np.log(1e4) / 2)
    assert np.log(mid) == pytest.approx(np.log(10 * 1e5), abs=0.02)
    assert np.log(high / mid) == pytest.approx(spread, rel=0.01)
    assert np.log(mid / low) == pytest.approx(spread, rel=0.01)


def test_explain_goes_down_to_the_sources():
    a, b = figure("table.item.a", "1 to 4", "FLOP/neuron"), figure("table.item.b", 5, "neuron")
    text = explain((a * b).named("total"))
    assert text.splitlines()[0].startswith(("total = 9.9", "total = 10"))
    assert "table.item.a = 1 to 4 FLOP/neuron" in text
    assert text.count("Somebody 2020, Table 1 [read]") == 2


@given(st.floats(1e-30, 1e30), st.floats(1.0001, 1e6))
def test_intervals_survive_printing_and_parsing(low, factor):
    interval = Interval(low, low * factor)
    again, unit = parse_interval(f"{interval.low!r} to {interval.high!r} ms")
    assert (again, unit) == (interval, "ms")


@pytest.mark.parametrize(
    "text",
    [
        "5 to 2",
        "nan",
        "1e400",
        "inf",
        "",
        "to",
        "1 to",
        "0 to 5",
        "-1 to 5",
        "1 to 2 to 3",
        "1 to nan",
        "abc",
        "9" * 5000,
    ],
)
def test_bad_figures_are_one_line(text):
    with pytest.raises(FactError) as error:
        parse_unit(parse_interval(text)[1])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [True, None, [1], {}, 10**400, float("nan")])
def test_bad_values_are_one_line(value):
    with pytest.raises(FactError):
        parse_interval(value)


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "FLOP**9**9", "2*FLOP", "FLOP/", "x.y", "furlong", "FLOP**99", "a" * 5000],
)
def test_a_unit_is_names_and_small_powers_only(text):
    with pytest.raises(FactError):
        parse_unit(text)
