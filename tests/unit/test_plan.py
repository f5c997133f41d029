"""The plan: hand-worked arithmetic, published runs, what cannot be, and what would move it."""

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from command import halfbrain
from halfbrain.contenders.registry import rows
from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.assumption import assumptions
from halfbrain.forecast.backcast import forecast_run
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.levers import levers
from halfbrain.forecast.own_machine import machine
from halfbrain.forecast.plan import Target, plan
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report.plan import plan_document, print_plan

pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")

DRAWS = Draws(1000, 1)
REAL_TIME = Target("real time")
YEAR = 31557600
ROUND = """
title = "Round numbers"
kind = "gpu"
peak_fp16 = 4e12
peak_fp32 = 1e12
memory = 1e9
bandwidth = 1e12
power = 1000
price = 31557600
network_latency = 1e-6
network_bandwidth = 1e9
"""
BRAIN = {
    "neurons": 1e6,
    "training_seconds": 1e6,
    "synapses_per_neuron": 1000,
    "firing_rate": 10,
    "learning": 0,
    "spiking.flop_per_neuron_second": 1e6,  # in all 1e12 a second
    "spiking.step": 1e-4,
    "spiking.bytes_per_update": 1e-3,
    "spiking.bytes_per_event": 1e-3,
    "spiking.bytes_per_neuron": 1,
    "spiking.bytes_per_synapse": 2,  # in all 2 GB
    "spiking.utilisation": 0.1,
    "machine.bandwidth_share": 0.5,
    "machine.electricity": "0.1 USD/kWh",
    "machine.power_usage_effectiveness": 2,
    "machine.lifetime": "1 year",
    "plan.shortest_delay": "1 ms",
    "plan.bytes_per_spike": 10,
    "plan.neighbours": 6,
}


def own(tmp_path, text=ROUND):
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return str(path)


def brain(**values):
    scenario = load_scenario()
    for name, value in {**BRAIN, **values}.items():
        scenario = scenario.with_setting(name, value)
    return forecast("spiking", scenario)


def pace(n, latency=1e-6, reach=1000):
    """10 s of work, a thousand exchanges a second of life, 1e8 bytes of spikes over 1e9."""
    return 10 / n + 1000 * latency * np.log2(n) + 0.1 * min(n - 1, reach) / n


def test_the_least_number_is_worked_out_by_hand(tmp_path):
    found = plan(brain(), own(tmp_path), REAL_TIME, DRAWS)
    assert found.memory.p50 == pytest.approx(2.001)
    assert found.arithmetic.p50 == pytest.approx(10)
    assert found.wanted.p50 == 1
    everyone, near = found.ways
    least = next(n for n in range(1, 100) if pace(n) <= 1)
    assert (everyone.devices.p5, everyone.devices.p95) == (least, least)
    assert everyone.pace.p50 == pytest.approx(pace(least))
    assert everyone.decides == {"arithmetic": 1.0}
    assert everyone.network.p50 == 3  # beside it the state alone asks for three
    assert near.devices.p50 == next(
        n for n in range(2, 100) if 10 / n + 1e-3 + 0.1 * min(n - 1, 6) / n <= 1
    )
    assert everyone.possible == near.possible == 1
    # 2 kW each, a machine written off in a year, electricity at 0.1 USD.
    joule = least * 2000 * YEAR
    assert everyone.year_energy_joule.p50 == pytest.approx(joule)
    assert everyone.year_money_usd.p50 == pytest.approx(least * YEAR + joule / 3.6e6 * 0.1)
    assert everyone.energy_joule.p50 == pytest.approx(least * 2000 * 1e6)
    assert everyone.days.p50 == pytest.approx(1e6 / 86400)


def test_the_fastest_is_where_latency_eats_what_more_devices_gain(tmp_path):
    slow = own(tmp_path, ROUND.replace("network_latency = 1e-6", "network_latency = 1e-3"))
    way = plan(brain(), slow, REAL_TIME, DRAWS).ways[0]
    best = min(range(3, 2000), key=lambda n: pace(n, 1e-3))
    assert way.devices.p50 is None
    assert way.possible == 0
    assert way.fastest_devices.p50 == pytest.approx(best, abs=1)
    assert way.fastest.p50 == pytest.approx(pace(best, 1e-3))
    assert way.latency_alone.p50 == pytest.approx(np.log2(3))
    assert way.network.p50 is None


def test_days_and_a_budget(tmp_path):
    path = own(tmp_path)
    days = plan(brain(), path, Target("days", 1e6 / 86400 / 2), DRAWS)
    assert days.wanted.p50 == pytest.approx(0.5)
    assert days.ways[0].devices.p50 == next(n for n in range(1, 100) if pace(n) <= 0.5)
    assert days.ways[0].year_energy_joule is None
    each = 1 + 2000 / 3.6e6 * 0.1  # USD of a device in a second
    whole = {n: n * pace(n) * 1e6 * each for n in range(3, 400)}
    money = plan(brain(), path, Target("budget", 1.5e7), DRAWS).ways[0]
    most = max(n for n in whole if whole[n] <= 1.5e7)
    assert money.devices.p50 == most
    assert money.money_usd.p50 == pytest.approx(whole[most])
    assert money.days.p50 == pytest.approx(pace(most) * 1e6 / 86400)
    poor = plan(brain(), path, Target("budget", 1e6), DRAWS).ways[0]
    assert poor.devices.p50 is None
    assert poor.least_money_usd.p50 == pytest.approx(whole[3])


def test_gradients_are_summed_once_a_batch(tmp_path):
    """A hundred passes in batches of ten, over two devices a copy and 1e9 bytes on each of them."""
    scenario = load_scenario()
    for name, value in {
        "neurons": 1e6,
        "synapses_per_neuron": 500,
        "learning": 1,
        "numenta.parameters_per_synapse": 1,
        "numenta.samples_per_second": 100,
        "numenta.epochs": 1,
        "numenta.batch": 10,
        "numenta.effective_density": 0.5,
        "numenta.bytes_per_weight": 4,
        "numenta.bytes_per_parameter": 4,
        "numenta.utilisation": 0.5,
        "numenta.flop_per_neuron_second": 1e5,
        "machine.bandwidth_share": 0.5,
    }.items():
        scenario = scenario.with_setting(name, value)
    result = forecast("numenta", scenario)
    found = plan(result, own(tmp_path), REAL_TIME, DRAWS)
    work = max(1e11 / 4e12 / 0.5, result.traffic_per_bio_second.magnitude() / 1e12 / 0.5)
    (way,) = found.ways
    assert found.memory.p50 == pytest.approx(2)
    assert way.fastest.p50 == pytest.approx(work / 2)  # ten times 2e9 bytes take 10 s a copy more
    assert way.fastest_devices.p50 == 2
    idle = forecast("numenta", scenario.with_setting("learning", 0))
    assert plan(idle, own(tmp_path), REAL_TIME, DRAWS).ways[0].fastest.p50 < 1e-9


def test_a_system_is_so_many_devices_and_no_more():
    found = plan(forecast("blue-brain", load_scenario()), "frontier", REAL_TIME, DRAWS)
    assert found.there.p50 == 39424
    assert all(way.devices.p50 is None for way in found.ways)
    spiking = plan(forecast("spiking", load_scenario()), "frontier", REAL_TIME, DRAWS)
    mi250x = plan(forecast("spiking", load_scenario()), "mi250x", REAL_TIME, DRAWS)
    assert spiking.memory.p50 == pytest.approx(mi250x.memory.p50, rel=1e-3)
    assert spiking.share.p50 == pytest.approx(39424 / spiking.memory.p50, rel=0.01)


def test_from_a_laptop_to_the_world():
    result = forecast("spiking", load_scenario())
    laptop, world = (plan(result, name, REAL_TIME, DRAWS) for name in ("laptop", "world-2025"))
    assert 1e-5 < laptop.share.p50 < 1e-2
    assert world.share.p50 > 100
    # An H100 equivalent is an H100: its peak, its memory or somewhat more, at its price or less.
    one, h100 = (machine(name) for name in ("world-2025", "h100"))
    count = one.figure("devices").magnitude()
    each = one.figure("peak_fp16").magnitude() / count
    assert each == pytest.approx(h100.figure("peak_fp16").magnitude(), rel=0.01)
    assert 80e9 <= one.figure("memory").magnitude() / count <= 120e9


@pytest.mark.parametrize("name", list(rows()))
@pytest.mark.parametrize("where", ["h100", "laptop", "world-2025", "a64fx-node"])
def test_no_plan_has_fewer_devices_than_hold_the_state(name, where):
    found = plan(forecast(name, load_scenario()), where, REAL_TIME, DRAWS)
    assert {way.name for way in found.ways} in ({"all-reduce"}, {"all to all", "neighbours"})
    for way in found.ways:
        for end in ("p5", "p50", "p95"):
            devices = getattr(way.devices, end)
            assert devices is None or devices >= getattr(found.memory, end) * (1 - 1e-9)


@pytest.mark.parametrize(
    ("run", "took"),
    [
        ("kunkel-2014", 62500),  # 1 PB, of the K computer's 82,944 nodes of 16 GB
        ("c2-2007", 15625),  # 8 TB, of 16,384 nodes of 512 MB
        ("frye-2007", 1953),  # 1 TB, of 2,048 such nodes
        ("villamar-2025", 12000),  # the processors of 64 GB that it ran on
    ],
)
def test_published_networks_need_about_the_machine_that_they_filled(run, took):
    item = facts().item("simulation_runs", run)
    result = forecast_run(item, load_scenario().published())
    found = plan(result, item.attributes["hardware"], REAL_TIME, Draws(20_000, 2022))
    assert found.memory.p5 <= took <= found.memory.p95
    assert took <= item.figure("nodes").magnitude()


@pytest.mark.parametrize("run", ["knight-nowotny-2018", "golosio-2021", "golosio-2023-genn"])
def test_the_microcircuit_fits_on_one_graphics_processor(run):
    item = facts().item("simulation_runs", run)
    result = forecast_run(item, load_scenario())
    found = plan(result, item.attributes["hardware"], REAL_TIME, DRAWS)
    assert found.memory.p95 <= 1
    assert found.ways[0].devices.p5 == 1


# -- what would move it ----------------------------------------------------------------------------


def found_levers(result, where, target=REAL_TIME):
    return {lever.name: lever for lever in levers(result, where, target, DRAWS)}


def test_each_change_is_the_plan_worked_out_again(tmp_path):
    path = own(tmp_path)
    here = plan(brain(), path, REAL_TIME, DRAWS).ways[0].devices.p50
    found = found_levers(brain(), path)
    # FP16 is four times as fast here; that much less work wants as many devices as the state.
    half = plan(brain(**{"spiking.precision": 16}), path, REAL_TIME, DRAWS).ways[0].devices.p50
    assert found["half the width"].factor == pytest.approx(here / half)
    assert found["half the width"].gains == "devices"
    assert "half the bytes" not in found  # the memory does not decide
    assert "synapses at spikes" not in found  # they are
    crowded = brain(**{"spiking.bytes_per_synapse": 40, "spiking.precision": 8})
    narrow = found_levers(crowded, path)
    assert narrow["half the bytes"].factor == pytest.approx(2, rel=0.06)
    assert "half the width" not in narrow  # 4 bits are no format
    assert narrow["connections made anew"].factor > 5  # without learning nothing is stored


def test_changes_of_tied_inputs_are_worked_out_too():
    pair = "cortex_synapses, blue-brain.bytes_per_synapse"
    free, tied = (
        found_levers(forecast("blue-brain", scenario), "h100")["half the bytes"]
        for scenario in (load_scenario(), load_scenario().with_ties([(pair, 0.9)]))
    )
    assert free.factor == pytest.approx(1.6, abs=0.3)
    assert tied.factor == pytest.approx(1.6, abs=0.3)
    assert free.before != tied.before


def test_a_longer_delay_makes_the_fastest_faster(tmp_path):
    slow = own(tmp_path, ROUND.replace("network_latency = 1e-6", "network_latency = 1e-3"))
    found = found_levers(brain(), slow)
    assert found["delays 10 times longer"].gains == "fastest"
    assert found["delays 10 times longer"].after == pytest.approx(
        min(10 / n + 0.1 * np.log2(n) + 0.1 * (n - 1) / n for n in range(3, 2000)), rel=1e-6
    )
    assert found["neighbours alone"].gains == "fastest"


def test_synapses_at_spikes_take_their_steps_away():
    scenario = load_scenario()
    for name, value in scenario.inputs().items():
        scenario = scenario.with_setting(name, value.interval.median)
    result = forecast("blue-brain", scenario.with_setting("firing_rate", 1))
    found = found_levers(result, "h100")["synapses at spikes"]
    terms = {name: value.magnitude() for name, value in result.terms().items()}
    stepped = ("synapse states", "plasticity")
    kept = sum(value for name, value in terms.items() if name not in stepped)
    steps = result.values["blue-brain.steps_per_second"].magnitude()
    kept += sum(terms[name] / steps for name in stepped)
    assert found.factor > 1
    assert kept < 0.5 * sum(terms.values())


def test_a_budget_that_does_not_suffice_names_what_would(tmp_path):
    found = found_levers(brain(), own(tmp_path), Target("budget", 1e6))
    assert found["half the width"].gains == "USD"
    assert found["half the width"].factor == pytest.approx(4, rel=0.1)


# -- the command -----------------------------------------------------------------------------------


def test_the_command_fits_the_terminal_and_names_its_assumptions():
    for arguments in (
        ("spiking", "--machine", "h100"),
        ("blue-brain", "--machine", "world-2025", "--realtime"),
        ("transformer", "--machine", "laptop", "--days", "30"),
        ("numenta", "--machine", "h100", "--budget", "1e6"),
    ):
        found = halfbrain("plan", *arguments, "--samples", "1000")
        assert found.returncode == 0, found.stderr
        assert max(map(len, found.stdout.splitlines())) <= 80
        assert "…" not in found.stdout
        assert "assumed: precision" in found.stdout
        assert "of the state" in found.stdout or "holds the state" in found.stdout


def test_what_cannot_be_is_said_plainly(tmp_path):
    slow = own(tmp_path, ROUND.replace("network_latency = 1e-6", "network_latency = 1e-3"))
    options = [f"--set={name}={value}" for name, value in BRAIN.items()]
    found = halfbrain("plan", "spiking", "--machine", slow, "--samples", "200", *options)
    text = " ".join(found.stdout.split())
    assert (
        "no number of devices: latency alone takes 1.6 s for a second of life on the fewest; "
        "the fastest is" in text
    )


def test_the_schema_is_that_of_the_documentation():
    found = halfbrain("plan", "spiking", "--machine", "frontier", "--samples", "500", "--json")
    document = json.loads(found.stdout)
    written = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
    section = re.search(r"## plan\n(.*?)\n## ", written, re.DOTALL)[1]
    for key in (*document, *document["ways"][0], *document["levers"][0]):
        assert f'"{key}"' in section, key
    assert document["ways"][0]["devices"]["p95"] is None
    assert document["assumptions"]["plan.shortest_delay"]["fact"] == "plan.exchange.shortest_delay"


def test_the_same_seed_gives_the_same_plan():
    scenario = load_scenario()
    first, second = (
        json.dumps(plan_document(scenario, "spiking", "h100", REAL_TIME, 300, 7), allow_nan=False)
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("abacus", "--machine", "h100"), "no contender 'abacus'"),
        (("spiking", "--machine", "abacus"), "no machine 'abacus'"),
        (("spiking",), "--machine"),
        (
            ("spiking", "--machine", "h100", "--days", "0"),
            "--days: must lie between",
        ),
        (
            ("spiking", "--machine", "h100", "--days", "nan"),
            "--days: must lie between",
        ),
        (("spiking", "--machine", "h100", "--realtime", "--days", "3"), "one or the other"),
        (("spiking", "--machine", "i9-7920x"), "no plan on i9-7920x: its memory is not known"),
        (("blue-brain", "--machine", "tpu7x"), "no plan on tpu7x: there is no peak_fp64 of it"),
        (("spiking", "--machine", "k-node", "--budget", "1e6"), "there is no price of k-node"),
    ],
)
def test_mistakes_are_one_line(arguments, message):
    found = halfbrain("plan", *arguments)
    assert found.returncode == 2
    assert message in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_setting_of_the_network_is_heard_in_a_plan():
    scenario = load_scenario().with_setting("machine.network_latency", "1 ms")
    found = plan(forecast("spiking", scenario), "h100", REAL_TIME, DRAWS)
    assert found.notes == ()
    assert found.ways[0].possible < 0.5
    alone = scenario.with_setting("machine.devices_per_node", 1)
    assert plan(forecast("spiking", alone), "h100", REAL_TIME, DRAWS).ways[0].possible < 0.5
    nets = load_scenario().with_setting("plan.shortest_delay", "1 ms")
    told = plan(forecast("transformer", nets), "h100", REAL_TIME, DRAWS).notes
    assert told == ("plan.shortest_delay does not change this",)


@settings(max_examples=60, deadline=None)
@given(
    setting=st.sampled_from([*assumptions(), "neurons", "firing_rate", "years", "runs"]),
    value=st.one_of(
        st.floats(),
        st.sampled_from(["1e-320 to 1e308", "1e-300", "1e300", "1e-20 to 1e20", "0", "1", "8"]),
    ),
    row=st.sampled_from(list(rows())),
    where=st.sampled_from(["h100", "laptop", "frontier"]),
    target=st.sampled_from([REAL_TIME, Target("days", 1e-6), Target("budget", 1e30)]),
)
def test_no_setting_brings_a_traceback_or_what_is_no_json(setting, value, row, where, target):
    try:
        scenario = load_scenario().with_setting(setting, value)
        document = plan_document(scenario, row, where, target, 100, 1)
    except HalfbrainError as error:
        assert "\n" not in str(error)
    else:
        json.dumps(document, allow_nan=False)
        out = StringIO()
        print_plan(Console(file=out, width=80), document)
        assert max(map(len, out.getvalue().splitlines())) <= 80


def test_runs_are_one_after_the_other(tmp_path):
    once = plan(brain(), own(tmp_path), REAL_TIME, DRAWS).ways[0]
    scenario = brain().scenario.with_setting("runs", 3)
    thrice = plan(forecast("spiking", scenario), own(tmp_path), REAL_TIME, DRAWS).ways[0]
    assert thrice.devices == once.devices
    assert thrice.days.p50 == pytest.approx(3 * once.days.p50)
    assert replace(thrice, days=once.days).pace == once.pace
