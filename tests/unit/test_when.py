"""The year in which a training is affordable: closed forms, monotone, said plainly."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import halfbrain
from halfbrain.contenders.registry import rows
from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.machine import costs
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.trends import TRENDS, Trends
from halfbrain.forecast.when import budget, start_of, when

DRAWS = Draws(500, 1)
pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
MACHINE = """
date = "2020-01-01"
peak_fp32 = 1e13
peak_fp64 = 1e13
bandwidth = 1e12
memory = 1e11
power = 500
price = 10000
"""


@pytest.fixture
def machine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MACHINE)
    return str(path)


def certain(name, **values):
    """One contender at the medians, on machines whose electricity costs nothing."""
    scenario = load_scenario()
    for key, value in scenario.inputs().items():
        scenario = scenario.with_setting(key, value.interval.median)
    assumed = {
        "machine.electricity": 0,
        "machine.lifetime": 5,
        "machine.bandwidth_share": 0.5,
        f"{name}.utilisation": 0.1,
    }
    for key, value in {**assumed, **values}.items():
        scenario = scenario.with_setting(key.replace("__", "."), value)
    return forecast(name, scenario)


def doubling(**values):
    """Trends that all double in two years, but for those given."""
    trends = Trends()
    for name in TRENDS:
        trends = trends.with_trend(name, 2.0)
    for name, value in {"shortest_use": 1e-9, **values}.items():
        trends = trends.with_trend(f"trend.{name}", value)
    return trends


def usd(found, machine):
    """Machines' share of a training, by hand: seconds over five years, times the price."""
    there = costs(found, machine)
    seconds = max(bound.wall.magnitude("second") for bound in there.found)
    return seconds / (5 * 31557600) * 10000


@pytest.mark.parametrize("name", ["spiking", "blue-brain"])
def test_one_doubling_time_gives_the_year_exactly(name, machine):
    """An eighth of today's cost is three doublings: six years after 2020."""
    result = certain(name)
    today = usd(result, machine)
    found = when(result, machine, budget(f"{today / 8}", None, doubling()), doubling(), DRAWS)
    assert found.today.p50 == pytest.approx(today, rel=1e-9)
    for year in (found.fixed.p5, found.fixed.p50, found.fixed.p95):
        assert year == pytest.approx(2026, abs=1e-3)
    assert (found.fixed.already, found.fixed.after_latest, found.fixed.guessed) == (0, 0, 0)


def test_money_enough_today_is_already(machine):
    result = certain("spiking")
    money = budget(f"{1.01 * usd(result, machine)}", None, doubling())
    found = when(result, machine, money, doubling(), DRAWS)
    assert found.fixed.already == 1
    assert found.fixed.p50 == 2020
    assert found.swings == ()
    assert found.floored == 0  # electricity is free here, and so is the limit


def test_what_falls_slowest_decides(machine):
    """Arithmetic is dearer today, but the traffic's share halves in eight years and not in one."""
    result = certain("spiking", spiking__utilisation=0.001)
    walls = {b.kind: b.wall.magnitude("second") for b in costs(result, machine).found}
    each = {kind: wall / (5 * 31557600) * 10000 for kind, wall in walls.items()}
    trends = doubling(flops_per_usd=1, bandwidth_per_usd=8)
    assert each["arithmetic"] > each["memory traffic"]
    money = each["memory traffic"] / 256
    expected = max(
        math.log2(each["arithmetic"] / money), 8 * math.log2(each["memory traffic"] / money)
    )
    found = when(result, machine, budget(f"{money}", None, trends), trends, DRAWS)
    assert found.fixed.p50 == pytest.approx(2020 + expected, abs=1e-3)


def test_a_state_must_be_held_even_where_it_takes_little_time(machine):
    """Machines for the state, for half a year of the five that they last, at 10,000 each."""
    result = certain("spiking", spiking__bytes_per_synapse=1e9)
    held = result.quantity("memory").magnitude("byte") / 1e11 * 0.5 / 5 * 10000
    trends = doubling(shortest_use=0.5, memory_per_usd=4, bandwidth_per_usd=0.1, flops_per_usd=0.1)
    assert held > usd(result, machine) * 2**-100
    found = when(result, machine, budget(f"{held / 32}", None, trends), trends, DRAWS)
    assert found.fixed.p50 == pytest.approx(2020 + 4 * 5, abs=1e-3)
    assert found.mostly == "machines that hold the state"


def test_budgets_grow_from_the_year_of_the_dearest_training_to_the_ceiling(machine):
    """A cost that stays, sixteen times the money: four doublings of a year each after that year."""
    result = certain("spiking")
    trends = doubling(frontier_training_cost=1)
    for name in TRENDS:
        if "usd" in name:
            trends = trends.with_trend(name, 1e12)
    today = usd(result, machine)
    money = budget(f"{today / 16}", f"{today * 2}", trends)
    assert money.since == pytest.approx(2025 + 6 / 12 + 8 / 365.25)
    found = when(result, machine, money, trends, DRAWS)
    assert found.growing.p50 == pytest.approx(money.since + 4, abs=1e-3)
    assert found.fixed.after_latest == 1
    assert found.fixed.p50 == math.inf
    low = budget(f"{today / 16}", f"{today / 2}", trends)
    assert when(result, machine, low, trends, DRAWS).growing.after_latest == 1


def test_what_asks_more_of_a_joule_than_transistors_can_is_said(machine):
    """Thirty doublings of two years are far more than a factor of 1000; two are less than 50."""
    result = certain("spiking", spiking__utilisation=0.001, machine__electricity=1e-6)
    for doublings, share in ((30, 1), (2, 0)):
        money = budget(f"{usd(result, machine) / 2**doublings}", None, doubling())
        assert when(result, machine, money, doubling(), DRAWS).beyond_cmos == share
    traffic = certain("spiking", spiking__utilisation=0.999, machine__electricity=1e-6)
    money = budget(f"{usd(traffic, machine) / 2**30}", None, doubling())
    assert when(traffic, machine, money, doubling(), DRAWS).beyond_cmos == 0


def test_electricity_never_falls_below_landauers_limit(machine):
    """1e30 erasures for each operation: no trend makes that affordable."""
    result = certain("spiking", machine__electricity=0.1)
    trends = doubling(erasures_per_flop=1e20)
    joules = result.flop.magnitude("FLOP") * 1e20 * 2.967e-21
    floor = joules / 3.6e6 * 0.1
    found = when(result, machine, budget(f"{floor / 2}", None, trends), trends, DRAWS)
    assert found.floor.p50 == pytest.approx(floor)
    assert found.fixed.after_latest == found.floored == 1
    above = when(result, machine, budget(f"{floor * 2}", None, trends), trends, DRAWS)
    assert above.fixed.after_latest == 0


@given(st.floats(3, 14), st.floats(0, 3))
@settings(max_examples=25, deadline=None)
def test_more_money_is_never_later(exponent, more):
    result, trends = forecast("blue-brain", load_scenario()), Trends()
    years = []
    for orders in (exponent, exponent + more):
        money = budget(f"{10**orders}", "1e17", trends)
        found = when(result, "b200", money, trends, Draws(200, 3))
        years.append((found.fixed, found.growing))
    for less, lots in zip(*years, strict=True):
        assert lots.p5 <= less.p5
        assert lots.p50 <= less.p50
        assert lots.p95 <= less.p95


@given(
    st.sampled_from(sorted(n for n in TRENDS if n.endswith(("usd", "fp64", "joule")))),
    st.floats(1, 3),
)
@settings(max_examples=25, deadline=None)
def test_a_faster_trend_is_never_later(name, years):
    result, money = certain_blue_brain(), budget("1e9", None, Trends())
    found = [
        when(result, "b200", money, Trends().with_trend(name, value), Draws(100, 3)).fixed.p50
        for value in (years, 4 * years)
    ]
    assert found[0] <= found[1]


def certain_blue_brain():
    return forecast("blue-brain", load_scenario().with_setting("neurons", 1e6))


def test_wide_numbers_follow_the_trend_of_wide_numbers():
    """Blue Brain calculates in 64 bits; in 32 the common trend holds."""
    trends, money = Trends(), budget("1e9", "1e16", Trends())
    scenario = load_scenario().with_setting("neurons", 1e7)
    for bits, there in ((64, True), (32, False)):
        result = forecast("blue-brain", scenario.with_setting("blue-brain.precision", bits))
        names = {swing.name for swing in when(result, "b200", money, trends, DRAWS).swings}
        assert (
            "trend.flops_per_usd_fp64" in names or "hardware.trends.flops_per_usd_fp64" in names
        ) == there


def test_growing_money_is_never_later_than_money_that_stays():
    for name in ("spiking", "blue-brain"):
        found = when(
            forecast(name, load_scenario()), "b200", budget(None, None, Trends()), Trends(), DRAWS
        )
        assert found.growing.p50 <= found.fixed.p50


def test_the_widest_swing_stands_first_and_is_that_of_its_ends(machine):
    """One uncertain trend alone: a cost of eight times the money, three doublings."""
    result = certain("spiking", spiking__utilisation=0.001)
    trends = doubling(flops_per_usd="1 to 4", bandwidth_per_usd=0.01)
    money = budget(f"{usd(result, machine) / 8}", None, trends)
    (swing,) = when(result, machine, money, trends, DRAWS).swings
    assert swing.name == "trend.flops_per_usd"
    assert swing.low == pytest.approx(2023, abs=1e-3)
    assert swing.high == pytest.approx(2032, abs=1e-3)


def test_the_trends_are_what_the_machines_of_the_facts_have_done():
    """Doubling times from the V100 to the B200, as the notes tell them."""
    hardware = facts().tables["hardware"]
    old, new = hardware["v100"], hardware["b200"]
    years = start_of("b200") - start_of("v100")
    for figure, over, told in (
        ("bandwidth", "power", 4.8),
        ("bandwidth", "price", 5.1),
        ("memory", "price", 4.0),
        ("peak_fp64", "price", 20),
        ("peak_fp64", "power", 15),
    ):
        gain = (new.figure(figure) / new.figure(over)) / (old.figure(figure) / old.figure(over))
        assert years / np.log2(gain.magnitude()) == pytest.approx(told, rel=0.05), figure


def test_what_is_dearer_is_affordable_later():
    """Plasticity that steps each synapse is dearer than that of events, on the same machine."""
    found = {
        name: when(
            forecast(name, load_scenario()), "b200", budget(None, None, Trends()), Trends(), DRAWS
        )
        for name in ("spiking", "spiking-stepped")
    }
    assert found["spiking"].today.p50 < found["spiking-stepped"].today.p50
    assert found["spiking"].fixed.p50 < found["spiking-stepped"].fixed.p50


@pytest.mark.parametrize(
    "arguments", [(), ("blue-brain",), ("spiking-stepped", "--budget", "1e12")]
)
def test_the_command_fits_80_columns_and_says_whole_years(arguments):
    found = halfbrain("when", *arguments, "--samples", "2000")
    assert found.returncode == 0, found.stderr
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "a guess" in found.stdout
    assert "halfbrain odds" in found.stdout


def test_the_schema():
    document = json.loads(halfbrain("when", "--samples", "2000", "--json").stdout)
    found = {each["name"]: each for each in document["contenders"]}
    assert list(found) == list(rows())
    assert found["spiking-stepped"]["under"] == "spiking"
    blue_brain = found["blue-brain"]
    assert blue_brain["fixed"]["p50"] is None  # after 2100
    assert blue_brain["fixed"]["after_latest"] > 0.5
    for case in ("fixed", "growing"):
        for percentile in ("p5", "p50", "p95"):
            assert isinstance(blue_brain[case][percentile], int | None)
    assert blue_brain["swings_of"] == "growing"
    assert document["guess_after"] == 2039
    assert document["budget"]["low"] == 4.9e8
    assert document["ceiling"]["sources"][0]["key"] == "planetary-2019-apollo"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--budget", "-1"), "--budget: -1 must be above zero"),
        (("--budget", "3 GB"), "--budget: 'GB' is not USD"),
        (("--set", "trend.luck=2"), "no trend 'trend.luck'; there are trend.flops_per_usd"),
        (("--set", "trend.flops_per_usd=-2"), "trend.flops_per_usd: -2 must be above zero"),
        (("--machine", "b300"), "b300 has no price, without which no year follows; --set machine"),
        (("--machine", "k-node"), "k-node has no price"),
    ],
)
def test_a_mistake_is_one_line(arguments, message):
    found = halfbrain("when", "spiking", *arguments)
    assert found.returncode == 2
    assert message in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_machine_of_ones_own_needs_a_date(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MACHINE.replace('date = "2020-01-01"', ""))
    with pytest.raises(HalfbrainError, match=r"mine.toml: has no date"):
        start_of(str(path))
    path.write_text(MACHINE.replace("2020-01-01", "soon"))
    with pytest.raises(HalfbrainError, match="date 'soon' must be as"):
        start_of(str(path))
