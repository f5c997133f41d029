"""Glia, neuromodulation and gap junctions: off by default, and what each would add."""

import warnings
from functools import partial

import pytest
from typer.testing import CliRunner

from halfbrain.cli import app
from halfbrain.contenders.left_out import SWITCHES
from halfbrain.contenders.registry import inputs, rows
from halfbrain.facts.draws import Draws
from halfbrain.forecast.additions import additions
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario
from halfbrain.report.document import estimate_document
from test_alternatives import certain

DRAWS = Draws(500, 1)
WITH = [name for name, row in rows().items() if SWITCHES[0] in row.inputs]
COSTS = {
    "left-out.glia_per_neuron": 0.5,
    "left-out.flop_per_glia_event": 6,
    "left-out.modulations_per_second": 4,
    "left-out.flop_per_modulation": 5,
    "left-out.gap_junctions_per_neuron": 7,
    "left-out.flop_per_gap_junction": 3,
    "left-out.bytes_per_gap_junction": 10,
    "left-out.bytes_per_state": 4,
}
GLIA = {"glia_step": 0.02, "flop_per_glia_step": 80, "bytes_per_glia": 60}
pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")
invoke = partial(CliRunner().invoke, app)


def known(under):
    return {**COSTS, f"{under}.step": 0.01, **{f"{under}.{key}": v for key, v in GLIA.items()}}


def test_they_are_part_of_what_has_spikes():
    assert WITH == [
        "spiking",
        "spiking-stepped",
        "spiking-surrogate",
        "blue-brain",
        "blue-brain-lumped",
    ]


@pytest.mark.parametrize("name", WITH)
@pytest.mark.parametrize(
    ("switch", "flop", "moved", "memory"),
    [
        ("glia", 0.5 * 50 * 80 + 200 * 6, 0.5 * 50 * 120 + 200 * 8, 0.5 * 60 + 100 * 4),
        ("neuromodulation", 100 * 4 * 5, 100 * 4 * 8, 100 * 4),
        ("gap_junctions", 7 * 100 * 3, 7 * 100 * 10, 7 * 10),
    ],
)
def test_each_adds_what_it_costs(name, switch, flop, moved, memory):
    """Ten neurons of 100 synapses, twice a second; five seconds; a hundred steps in each."""
    costs = known(rows()[name].under or name)
    without, on = (forecast(name, certain(**costs, **{switch: value})) for value in (0, 1))
    for what, more in (("flop", 50 * flop), ("bytes_moved", 50 * moved), ("memory", 10 * memory)):
        before, after = (each.quantity(what).magnitude() for each in (without, on))
        assert after - before == pytest.approx(more, rel=1e-6)
    (found,) = (each for each in additions(without, DRAWS) if each.name == switch)
    share = 50 * flop / without.flop.magnitude()
    assert found.flop.p50 == pytest.approx(share, rel=1e-6, abs=1e-12)
    assert switch not in [each.name for each in additions(on, DRAWS)]
    assert len(on.terms()) > len(without.terms())


def test_a_third_factor_costs_nothing_where_nothing_is_learnt():
    idle, on = (forecast("spiking", certain(learning=0, neuromodulation=value)) for value in (0, 1))
    for what in ("flop", "memory", "bytes_moved"):
        assert on.quantity(what).magnitude() == idle.quantity(what).magnitude()


def test_what_is_off_has_no_place_in_the_tree():
    scenario = load_scenario()
    leaves = {leaf.name for leaf in forecast("spiking", scenario).flop.leaves()}
    assert not [name for name in leaves if "glia" in name or name.startswith("left-out")]
    on = forecast("spiking", scenario.with_setting("glia", 1)).flop
    assert {"spiking.glia_step", "left-out.glia_per_neuron"} <= {x.name for x in on.leaves()}
    # Half on is on.
    half = forecast("spiking", scenario.with_setting("glia", "0.2 to 0.8")).flop
    assert "glia" in {leaf.name for leaf in half.leaves()}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["left-out.gap_junctions_per_neuron=4"], "while gap_junctions = 0"),
        (["left-out.bytes_per_state=4"], "while glia and neuromodulation = 0"),
        (["left-out.bytes_per_state=4", "glia=1"], ""),
        (["neuromodulation=1", "learning=0"], "while learning = 0"),
        (["spiking.flop_per_plastic_event=4", "learning=0"], "while learning = 0"),
        (["spiking.flop_per_event=4", "learning=0"], ""),
    ],
)
def test_a_setting_of_what_is_off_is_told(settings, told):
    options = [word for setting in settings for word in ("--set", setting)]
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = invoke(["explain", "spiking", "--samples", "100", *options])
    assert found.exit_code == 0
    name = settings[0].partition("=")[0]
    expected = [f"{name} does not change anything {told}"] if told else []
    assert [str(each.message) for each in heard] == expected


def test_what_they_cost_are_judgements_with_a_note():
    for name in inputs():
        if name.startswith("left-out."):
            origin = load_scenario().inputs()[name].origin
            assert origin.confidence in ("judgement", "computed")
            assert origin.note


def test_the_estimate_says_what_each_would_add(tmp_path):
    shown = invoke(["estimate", "--report", str(tmp_path / "report.html")]).stdout
    table = shown.split("Left out, and what it would add to the FLOP in %")[1].splitlines()[1:]
    assert table[0].split() == ["contender", "glia", "neuromodulation", "gap", "junctions"]
    assert [line.split()[0] for line in table[1:3]] == ["spiking", "blue-brain"]
    assert max(map(len, shown.splitlines())) <= 80
    found = estimate_document(load_scenario(), ["spiking", "transformer"], 500, 1)["contenders"]
    assert [len(each["left_out"]) for each in found] == [0, 3]
    assert 0 < found[1]["left_out"][0]["flop"]["p5"] < found[1]["left_out"][0]["flop"]["p95"]
    assert (
        estimate_document(load_scenario("seed-2022"), ["spiking"], 500, 1)["contenders"][0][
            "left_out"
        ]
        == []
    )
