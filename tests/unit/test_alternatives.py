"""Rules of learning as rows of their own; more runs than one; the network once trained."""

import json
import warnings
from functools import partial

import pytest
from typer.testing import CliRunner

from halfbrain.cli import app
from halfbrain.contenders.registry import alternatives, contenders, rows
from halfbrain.facts.draws import Draws
from halfbrain.forecast.comparison import fit
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.lives import once_trained, runs_it_may_take, with_runs
from halfbrain.forecast.machine import bill
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report import page
from halfbrain.report.document import estimate_document

DRAWS = Draws(2000, 1)
pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
QUESTION = {
    "neurons": 10,
    "synapses_per_neuron": 100,
    "firing_rate": 2,
    "years": 1,
    "seconds_per_year": 5,
}
invoke = partial(CliRunner().invoke, app)


def certain(**others):
    """Our scenario with every input at its median but for the question's and those given."""
    scenario = load_scenario()
    values = {name: value.interval.median for name, value in scenario.inputs().items()}
    for name, value in (values | QUESTION | others).items():
        scenario = scenario.with_setting(name, value)
    return scenario


def figures(name, **given):
    result = forecast(name, certain(**given))
    return [result.quantity(what).magnitude() for what in ("flop", "bytes_moved", "memory")]


def test_alternatives_stand_under_their_contenders():
    assert list(contenders()) == ["transformer", "numenta", "spiking", "blue-brain"]
    assert list(alternatives("spiking")) == ["spiking-stepped", "spiking-surrogate"]
    assert list(alternatives("blue-brain")) == ["blue-brain-lumped"]
    assert list(rows())[2:5] == ["spiking", "spiking-stepped", "spiking-surrogate"]


SPIKING = {
    "spiking.step": 0.01,
    "spiking.flop_per_update": 10,
    "spiking.flop_per_event": 3,
    "spiking.bytes_per_neuron": 20,
    "spiking.bytes_per_synapse": 6,
    "spiking.bytes_per_update": 40,
    "spiking.bytes_per_event": 5,
}


@pytest.mark.parametrize("learning", [0, 1])
def test_each_synapse_stepped(learning):
    """Ten neurons, five seconds; a hundred steps a second of 100 synapses; learning or not."""
    flop, moved, memory = figures(
        "spiking-stepped",
        learning=learning,
        **SPIKING,
        **{"spiking-stepped.flop_per_synapse_step": 4, "spiking-stepped.bytes_per_state": 8},
    )
    assert flop == pytest.approx(10 * 5 * (100 * 10 + 100 * 100 * 4 + 200 * 3))
    assert moved == pytest.approx(10 * 5 * (100 * 40 + 100 * 100 * 16 + 200 * 5))
    assert memory == pytest.approx(10 * (20 + 100 * (6 + 8)))


SURROGATE = {
    "window": 0.5,
    "share_in_window": 0.1,
    "flop_per_product": 2,
    "flop_per_gradient": 1,
    "backward_ratio": 2,
    "optimiser_flop_per_synapse": 12,
    "bytes_per_gradient": 4,
    "bytes_per_moments": 8,
    "bytes_per_stored_step": 3,
}


def test_surrogate_gradients():
    """Two windows a second, of fifty steps, in each of which a tenth of the neurons is near."""
    given = {f"spiking-surrogate.{name}": value for name, value in SURROGATE.items()}
    flop, moved, memory = figures("spiking-surrogate", **SPIKING, **given)
    forward = 100 * 10 + 200 * 3
    backward = 100 * 20 + 10 * 100 * 2 + 200 * 1 + 2 * 100 * 12
    assert flop == pytest.approx(10 * 5 * (forward + backward))
    forward = 100 * 40 + 200 * 5
    backward = 100 * (40 + 6) + 1000 * 5 + 200 * 8 + 200 * 2 * (6 + 12)
    assert moved == pytest.approx(10 * 5 * (forward + backward))
    assert memory == pytest.approx(10 * (20 + 100 * 6 + 50 * 3 + 100 * 12))
    flop, _, memory = figures("spiking-surrogate", learning=0, **SPIKING, **given)
    assert flop == pytest.approx(10 * 5 * (100 * 10 + 200 * 3))
    assert memory == pytest.approx(10 * (20 + 100 * 6))


def test_synapses_lumped_by_compartment():
    """Three sums in each of fifty compartments, in place of a hundred synapses that are stepped."""
    own = {
        "step": 0.001,
        "compartments_per_neuron": 50,
        "channels_per_compartment": 4,
        "flop_per_channel": 20,
        "flop_solver": 8,
        "flop_per_synapse_step": 11,
        "flop_per_event": 30,
        "bytes_per_compartment": 100,
        "bytes_per_synapse": 200,
    }
    flop, moved, memory = figures(
        "blue-brain-lumped",
        **{f"blue-brain.{name}": value for name, value in own.items()},
        **{
            "blue-brain-lumped.lumped_per_compartment": 3,
            "blue-brain-lumped.flop_per_plastic_event": 40,
            "blue-brain-lumped.bytes_per_synapse": 32,
        },
    )
    each = 1000 * 50 * (4 * 20 + 8) + 1000 * 150 * 11 + 200 * (30 + 40)
    assert flop == pytest.approx(10 * 5 * each)
    each = 1000 * 50 * 200 + 1000 * 150 * 400 + 200 * 64
    assert moved == pytest.approx(10 * 5 * each)
    assert memory == pytest.approx(10 * (50 * 100 + 150 * 200 + 100 * 32))


def test_what_was_counted_holds_for_what_is_shared():
    scenario = load_scenario()
    for name in ("spiking-stepped", "spiking-surrogate", "blue-brain-lumped"):
        leaves = {leaf.name: leaf.origin for leaf in forecast(name, scenario).flop.leaves()}
        counted = {key for key, origin in leaves.items() if origin.confidence == "counted"}
        assert counted
        assert all(key.startswith(f"{rows()[name].under}.") for key in counted)
    # One fact, one draw: what both have in common cancels in their ratio.
    update = Spread.of(
        forecast("spiking-stepped", scenario).terms()["neuron updates"]
        / forecast("spiking", scenario).terms()["neuron updates"],
        DRAWS,
    )
    assert (update.p5, update.p95) == pytest.approx((1, 1))


@pytest.mark.parametrize("name", list(rows()))
def test_once_trained_it_costs_what_it_costs_without_learning(name):
    learns, idle = (forecast(name, certain(learning=on)) for on in (1, 0))
    for run, whole in (
        ("run_flop_per_bio_second", "flop_per_bio_second"),
        ("run_memory", "memory"),
    ):
        assert learns.quantity(run).magnitude() == pytest.approx(idle.quantity(whole).magnitude())
    moved = idle.quantity("bytes_moved").magnitude() / 5  # seconds
    assert learns.quantity("run_bytes_per_bio_second").magnitude() == pytest.approx(moved)
    found = once_trained(learns, DRAWS)
    rate, running = (each.quantity("flop_per_bio_second").magnitude() for each in (learns, idle))
    assert found.learning_over_running.p50 == pytest.approx(rate / running)
    assert found.flop_per_year.p50 == pytest.approx(5 * running)


def test_what_is_set_outright_says_nothing_of_learning():
    for preset, row in (("seed-2022", "spiking"), ("sandberg-bostrom-2008", "blue-brain")):
        result = forecast(row, load_scenario(preset))
        assert once_trained(result, DRAWS) is None
        (document,) = estimate_document(load_scenario(preset), [row], 100, 1)["contenders"]
        assert document["alternatives"] == []
        assert document["once_trained"] is None


@pytest.mark.parametrize("name", list(rows()))
def test_runs_multiply_totals_alone(name):
    one, many = (forecast(name, certain(runs=runs)) for runs in (1, 30))

    def times(what):
        return many.quantity(what).magnitude() / one.quantity(what).magnitude()

    assert [times(what) for what in ("flop", "bytes_moved")] == pytest.approx([30, 30])
    for what in ("memory", "flop_per_bio_second", "run_flop_per_bio_second", "run_memory"):
        assert times(what) == 1
    assert sum(term.magnitude() for term in many.terms().values()) == pytest.approx(
        many.flop.magnitude()
    )
    assert fit(many, DRAWS).neurons.p50 == pytest.approx(fit(one, DRAWS).neurons.p50 / 30)
    pace = [bill(each, "h100", DRAWS).devices_in_real_time for each in (one, many)]
    assert pace[0] == pace[1]


def test_all_the_runs_that_it_may_take():
    """Whatever the scenario has: ten runs or one, a thousand may be needed."""
    may = runs_it_may_take().interval
    assert (may.low, may.high) == (1, 1000)
    for scenario in (certain(), certain(runs=10)):
        whole = Spread.of(with_runs(forecast("numenta", scenario)), DRAWS)
        each = forecast("numenta", certain()).flop.magnitude()
        assert whole.p5 == pytest.approx(each, rel=0.3)
        assert whole.p95 == pytest.approx(1000 * each, rel=0.3)


def test_an_estimate_brings_alternatives_along():
    (found,) = estimate_document(load_scenario(), ["spiking", "spiking-stepped"], 500, 1)[
        "contenders"
    ]
    assert [(row["name"], row["under"]) for row in found["alternatives"]] == [
        ("spiking-stepped", "spiking"),
        ("spiking-surrogate", "spiking"),
    ]
    dearer = found["alternatives"][0]["times_dearer"]["p50"]
    assert 100 < dearer < 2000
    (alone,) = estimate_document(load_scenario(), ["spiking-stepped"], 500, 1)["contenders"]
    assert alone["name"] == "spiking-stepped"
    assert alone["alternatives"] == []


def test_the_terminal_shows_them_beneath(tmp_path):
    report = str(tmp_path / "report.html")
    shown = invoke(["estimate", "--contender", "spiking", "--report", report]).stdout
    assert max(map(len, shown.splitlines())) <= 80
    for name in ("\n  stepped ", "\n  surrogate "):
        assert shown.count(name) == 2  # the answer, and once trained
    assert "One run is counted. 1 to 1.0e3 of them" in " ".join(shown.split())
    many = invoke(["estimate", "--set", "runs=10", "--report", report, "--force"]).stdout
    assert many.startswith("To train 1.3e10 neurons through 15 years of life, 10 times\n")
    alone = ["estimate", "--contender", "blue-brain-lumped", "--report", report, "--force"]
    assert "\nblue-brain-lumped " in invoke(alone).stdout


def test_an_alternative_is_explained_and_set_as_any_contender():
    tree = invoke(["explain", "spiking-stepped"]).stdout
    assert tree.startswith("spiking-stepped.flop = ")
    assert "spiking-stepped.flop_per_synapse_step = 2 to 10" in tree
    setting = "spiking-stepped.bytes_per_state=4"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it bears on what is shown
        found = invoke(["estimate", "--contender", "spiking", "--set", setting, "--json"])
    assert json.loads(found.stdout)["scenario"]["changed"] == ["spiking-stepped.bytes_per_state"]


def test_the_page_has_them_under_their_contenders():
    payload = page.payload(load_scenario(), contenders(), 200, 1)
    spiking = next(row for row in payload["contenders"] if row["name"] == "spiking")
    stepped = spiking["alternatives"][0]
    assert (stepped["name"], stepped["under"]) == ("spiking-stepped", "spiking")
    assert "spiking-stepped.flop_per_synapse_step" in stepped["uses"]["operations"]
    assert payload["runs_it_may_take"]["high"] == 1000
