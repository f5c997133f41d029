"""The bill: its assumptions, machines of one's own, and what it may not say."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from command import halfbrain
from halfbrain.contenders.measured import Measured
from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.forecast.assumption import assumptions
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.machine import bill, costs
from halfbrain.forecast.own_machine import KINDS, machine
from halfbrain.forecast.scenario import load_scenario

DRAWS = Draws(2000, 1)
EXAMPLE = re.search(
    r"my-machine\.toml`:\n\n```toml\n(.*?)```",
    (Path(__file__).parents[2] / "docs" / "plan.md").read_text("utf-8"),
    re.DOTALL,
)[1]
ROUND = """
title = "Round numbers"
kind = "gpu"
peak_fp16 = 4e12
peak_fp32 = 1e12
memory = 1e9
bandwidth = 1e12
power = 1000
price = 31557600
"""
CERTAIN = {
    "spiking.utilisation": 0.1,
    "machine.bandwidth_share": 0.5,
    "machine.electricity": "0.1 USD/kWh",
    "machine.power_usage_effectiveness": 2,
    "machine.lifetime": "1 year",
}


def own(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return str(path)


def brain(**values):
    """A thousand neurons, of which each takes 1e6 FLOP a second and 2 MB, through 1000 s."""
    scenario = load_scenario()
    named = {
        "neurons": 1000,
        "training_seconds": 1000,
        "synapses_per_neuron": 1,
        "firing_rate": 0,
        "spiking.flop_per_neuron_second": 1e6,
        "spiking.step": 1,
        "spiking.bytes_per_update": 1e3,
        "spiking.bytes_per_neuron": 1e6,
        "spiking.bytes_per_synapse": 1e6,
        **CERTAIN,
        **values,
    }
    for name, value in named.items():
        scenario = scenario.with_setting(name, value)
    return forecast("spiking", scenario)


pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")


def test_a_bill_is_the_arithmetic_of_its_assumptions(tmp_path):
    """1e12 FLOP at a tenth of 1e12 a second are 10 s; 2 kW for 10 s; a USD a second of machine."""
    found = bill(brain(), own(tmp_path, ROUND), DRAWS)
    assert found.machine == "mine.toml"
    assert found.bound_by == "arithmetic"
    assert found.device_years.p50 * 31557600 == pytest.approx(10)
    assert found.devices_for_memory.p50 == pytest.approx(2)
    assert found.energy_joule.p50 == pytest.approx(20_000)
    assert found.money_usd.p50 == pytest.approx(10 + 20_000 / 3.6e6 * 0.1)
    assert (found.missing, found.notes) == ((), ())
    wanted = {*CERTAIN, "spiking.precision", "machine.power", "machine.price"}
    assert set(found.assumptions) == wanted


@pytest.mark.parametrize(
    ("name", "value", "seconds", "joules"),
    [
        ("spiking.utilisation", 0.2, 5, 10_000),
        ("spiking.precision", 16, 2.5, 5_000),
        ("spiking.precision", "8 bit", 2.5, 5_000),  # no such peak: the next wider one
        ("machine.power", 500, 10, 10_000),
        ("machine.power_usage_effectiveness", 1, 10, 10_000),
        ("machine.bandwidth_share", 1e-4, 20, 40_000),  # 2e9 bytes at 1e8 a second
    ],
)
def test_each_assumption_changes_what_it_should(tmp_path, name, value, seconds, joules):
    settings_ = {name: value}
    if name == "machine.bandwidth_share":
        settings_["spiking.bytes_per_update"] = 2e3
    found = bill(brain(**settings_), own(tmp_path, ROUND), DRAWS)
    assert found.device_years.p50 * 31557600 == pytest.approx(seconds)
    assert found.energy_joule.p50 == pytest.approx(joules)


def test_the_price_of_machine_and_electricity_and_the_years_of_its_life(tmp_path):
    path = own(tmp_path, ROUND)
    dear = bill(brain(**{"machine.price": 2 * 31557600}), path, DRAWS).money_usd.p50
    short = bill(brain(**{"machine.lifetime": "0.5 year"}), path, DRAWS).money_usd.p50
    power = bill(brain(**{"machine.electricity": "36 USD/kWh"}), path, DRAWS).money_usd.p50
    assert dear == short == pytest.approx(20 + 20_000 / 3.6e6 * 0.1)
    assert power == pytest.approx(10 + 20_000 / 3.6e6 * 36)


def test_real_time_needs_at_least_the_devices_that_hold_the_state(tmp_path):
    path = own(tmp_path, ROUND)
    found = bill(brain(), path, DRAWS)  # 0.01 devices keep pace, two hold the state
    assert found.devices_in_real_time.p50 == pytest.approx(2)
    assert found.real_time_bound_by == "memory"
    assert found.less_than_one == ()
    busy = bill(brain(**{"spiking.flop_per_neuron_second": 1e9}), path, DRAWS)
    assert busy.devices_in_real_time.p50 == pytest.approx(10)
    assert busy.real_time_bound_by == "arithmetic"
    small = bill(brain(neurons=10), path, DRAWS)
    assert small.devices_in_real_time.p50 == 1
    assert small.less_than_one == ("devices_for_memory", "devices_in_real_time")


@pytest.mark.parametrize("name", ["transformer", "numenta", "spiking", "blue-brain"])
def test_no_bill_keeps_pace_with_life_on_fewer_than_hold_the_state(name):
    found = bill(forecast(name, load_scenario()), "h100", DRAWS)
    for end in ("p5", "p50", "p95"):
        held, pace = found.devices_for_memory, found.devices_in_real_time
        assert getattr(pace, end) >= getattr(held, end)


def test_a_year_of_running_is_without_learning(tmp_path):
    """Two devices for the state, for a year at 2 kW each, and a life of each written off."""
    found = bill(brain(), own(tmp_path, ROUND), DRAWS).year_running
    year = 31557600
    assert found.devices.p50 == pytest.approx(2)
    assert found.bound_by == "memory"
    assert found.energy_joule.p50 == pytest.approx(2 * 2000 * year)
    assert found.money_usd.p50 == pytest.approx(2 * year + 4000 * year / 3.6e6 * 0.1)
    learning = {"firing_rate": 1, "spiking.flop_per_plastic_event": 1e12, "spiking.step": 1}
    scenario = brain(**learning).scenario
    given_ = {**scenario.given}
    del given_["spiking.flop_per_neuron_second"]
    both = bill(forecast("spiking", replace(scenario, given=given_)), own(tmp_path, ROUND), DRAWS)
    assert both.devices_in_real_time.p50 == pytest.approx(1e4, rel=1e-3)  # 1e15 FLOP/s to learn
    assert both.year_running.devices.p50 == pytest.approx(2)


def test_a_share_measured_on_a_processor_is_not_applied_to_a_graphics_processor(tmp_path):
    share = Quantity.leaf("spiking.utilisation", Interval(0.2, 0.2), "", Origin("measured"))
    measured = Measured("spiking", "here", 1, "float32", 1, "0", 1e9, (), {}, share)
    result = brain()
    scenario = result.scenario
    free = {k: v for k, v in scenario.given.items() if k != "spiking.utilisation"}
    here = forecast("spiking", replace(scenario, given=free, measured={"spiking": measured}))
    processor = bill(here, own(tmp_path, ROUND.replace('"gpu"', '"cpu"')), DRAWS)
    assert processor.device_years.p50 * 31557600 == pytest.approx(5)
    assert processor.notes == ("at the share of the peak that it reached here",)
    other = bill(here, own(tmp_path, ROUND), DRAWS)
    assert other.assumptions["spiking.utilisation"].name == "hardware.utilisation.point_neuron"
    assert other.notes == (
        "not at the share of the peak that it reached here, on a cpu: mine.toml is of kind gpu",
    )
    both = forecast("spiking", replace(scenario, measured={"spiking": measured}))
    assert bill(both, own(tmp_path, ROUND), DRAWS).device_years.p50 * 31557600 == pytest.approx(10)


def test_every_machine_of_the_facts_says_of_what_kind_it_is():
    for key, item in facts().tables["hardware"].items():
        if {"peak_fp16", "peak_fp32", "peak_int8"} & set(item.figures) and key != "trends":
            assert item.attributes["kind"] in KINDS, key


def test_what_is_set_and_does_nothing_is_told():
    scenario = load_scenario()
    for name, value in {"machine.power_usage_effectiveness": 1.2, "numenta.precision": 8}.items():
        scenario = scenario.with_setting(name, value)
    found = bill(forecast("spiking", scenario), "k-node", DRAWS)
    assert found.notes == ("machine.power_usage_effectiveness does not change this",)
    counted = load_scenario("seed-2022").with_setting("spiking.utilisation", 0.1)
    assert bill(forecast("spiking", counted), "h100", DRAWS).notes == (
        "spiking.utilisation does not change this",
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("spiking.precision", 12, "must be 8, 16, 32 or 64"),
        ("spiking.precision", "8 to 16", "must be 8, 16, 32 or 64"),
        ("machine.power_usage_effectiveness", 0.5, "must be one or more"),
        ("numenta.utilization", 0.5, "did you mean 'numenta.utilisation'"),
        ("spiking.utilisation", 1.5, "between 0 and 1"),
        ("machine.price", "3 watt", "'watt' is not a unit of USD"),
        ("machine.lifetime", "3 FLOP", "is not a unit of year"),
    ],
)
def test_mistakes_in_assumptions_are_one_line(name, value, message):
    with pytest.raises(HalfbrainError, match=message) as error:
        load_scenario().with_setting(name, value)
    assert "\n" not in str(error.value)


def test_assumptions_stand_in_a_scenarios_file_too(tmp_path):
    path = tmp_path / "scenario.toml"
    path.write_text(
        '[inputs]\nmachine.lifetime = "4 year"\n[inputs.spiking]\nutilisation = "0.1 to 0.2"\n'
        "precision = 16\n",
        "utf-8",
    )
    found = load_scenario(str(path)).given
    assert found["machine.lifetime"].magnitude("year") == 4
    assert found["spiking.utilisation"].interval.shape == "fraction"
    assert found["spiking.precision"].magnitude("bit") == 16


# -- a machine of one's own ------------------------------------------------------------------------


def test_the_documented_machine_is_read(tmp_path):
    item = machine(own(tmp_path, EXAMPLE))
    assert (item.title, item.attributes["kind"]) == ("A workstation", "gpu")
    assert item.figure("peak_fp32").magnitude("FLOP/second") == pytest.approx(1.05e14)
    assert item.figure("memory").magnitude("byte") == pytest.approx(32e9)
    assert item.figure("bandwidth").interval == Interval(1.7e12, 1.8e12)
    assert item.figure("power").origin.note == "At most."
    assert item.figure("devices_per_node").magnitude("device") == 2
    assert item.attributes["inside"] == "nvlink-4"
    planned = halfbrain("plan", "spiking", "--machine", own(tmp_path, EXAMPLE), "--samples", "200")
    assert planned.returncode == 0, planned.stderr
    found = halfbrain(
        "estimate", "--machine", own(tmp_path, EXAMPLE), "--contender", "spiking", cwd=tmp_path
    )
    assert found.returncode == 0, found.stderr
    assert "On mine.toml" in found.stdout
    assert max(map(len, found.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no peak; give one of peak_fp8, peak_fp16, peak_fp32, peak_fp64"),
        ("peak_fp32 = 0", "peak_fp32: 0 must be above zero"),
        ("peak_fp32 = '3 byte'", "peak_fp32: 'byte' is not a unit of FLOP/second"),
        ("peak_fp32 = '3 flops'", "peak_fp32: unknown unit 'flops'"),
        ("peak_fp32 = true", "peak_fp32: 'True' is not a figure"),
        ("peak_fp32 = '2 to 1'", "peak_fp32: '2 to 1' runs backwards"),
        ("peak_fp32 = {unit = 'FLOP/second'}", "peak_fp32: has no value"),
        ("peak_fp32 = {value = '1 watt', unit = 'watt'}", "peak_fp32: the unit stands twice"),
        ("peak_fp32 = {value = 1, source = 'x'}", "peak_fp32: unknown key 'source'"),
        ("peak_32 = 1", "unknown key 'peak_32'; did you mean peak_fp32?"),
        ("colour = 1", "unknown key 'colour'; known are"),
        ("kind = 'abacus'\npeak_fp32 = 1", "kind must be one of gpu, cpu"),
        ("title = 3", "title must be text in quotes"),
        ("network = 'string'\npeak_fp32 = 1", "network must be one of"),
        ("peak_fp32 =", "is not TOML"),
    ],
)
def test_each_mistake_in_a_machine_is_one_line(tmp_path, text, message):
    with pytest.raises(HalfbrainError, match=re.escape(message)) as error:
        machine(own(tmp_path, text))
    assert str(error.value).startswith("mine.toml: ")
    assert "\n" not in str(error.value)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cut=st.integers(0, len(EXAMPLE)), gone=st.integers(0, 12), put=st.binary(max_size=6))
def test_no_machine_brings_a_traceback(tmp_path, cut, gone, put):
    text = EXAMPLE.encode()
    try:
        found = machine(own(tmp_path, text[:cut] + put + text[cut + gone :]))
    except HalfbrainError as error:
        assert "\n" not in str(error)
    else:
        assert found.title.isprintable()


def test_a_machine_without_memory_or_price_says_what_does_not_follow(tmp_path):
    found = bill(brain(), own(tmp_path, "peak_fp32 = 1e12"), DRAWS)
    assert found.missing == ("bandwidth", "memory", "power", "price")
    assert found.devices_for_memory is found.money_usd is found.energy_joule is None
    assert found.devices_in_real_time.p50 == 1
    assert found.year_running.energy_joule is None


def test_the_commands_show_assumptions_and_take_a_scenario_without_a_machine(tmp_path):
    options = ("--contender", "spiking", "--samples", "500", "--json")
    found = halfbrain("estimate", "--machine", "h100", *options)
    shown = json.loads(found.stdout)["contenders"][0]["machine"]["assumptions"]
    assert shown["spiking.utilisation"]["fact"] == "hardware.utilisation.point_neuron"
    assert shown["spiking.precision"]["low"] == 32
    assert set(shown) <= set(assumptions())
    alone = halfbrain("estimate", "--set", "machine.price=3", *options)
    assert alone.returncode == 0
    assert alone.stderr == (
        "halfbrain: note: machine.price changes the bill alone, which a machine asks for\n"
    )
    other = halfbrain("estimate", "--machine", "h100", "--set", "numenta.precision=8", *options)
    assert "numenta.precision does not change anything of spiking" in other.stderr
    tree = halfbrain("explain", "spiking", "--machine", "h100", "--samples", "500")
    assert "hardware.prices.lifetime = 3 to 6 year" in tree.stdout
    assert "hardware.utilisation.point_neuron" in tree.stdout


def test_the_tree_of_a_bill_is_its_money():
    found = costs(forecast("spiking", load_scenario()), "h100")
    assert found.whole is found.money
    there = bill(found.assumed.forecast, "h100", DRAWS)
    assert found.money.magnitude("USD") == pytest.approx(there.money_usd.p50, rel=0.3)
