"""What the text of 2022 reports of a contender, beside ours."""

import json

import numpy as np
import pytest

from halfbrain.cli import forecast as command
from halfbrain.facts.draws import Draws
from halfbrain.facts.table import facts
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.reported import beside, told
from halfbrain.forecast.scenario import load_scenario

NEURON = "contenders.detailed-neuron"


def test_blue_brains_figures_beside_ours():
    equations, flop, memory = beside(
        forecast("blue-brain", load_scenario("ours")), Draws(20_000, 1)
    )
    assert equations.theirs.p50 == 20_000
    assert flop.theirs.p50 == 3.83e15
    assert memory.theirs.p50 == pytest.approx(100)  # 1e17 bytes over 1e15 synapses
    # A human neuron has more equations than a rat's in its circuit; far fewer operations are needed
    # than the machine could have done; a synapse alone takes more bytes than the round number.
    assert equations.ratio.p95 < 1
    assert 1e4 < flop.ratio.p5 < flop.ratio.p95 < 1e7
    assert memory.ratio.p50 < 1
    assert flop.ratio.p50 == pytest.approx(3.83e15 / flop.ours.p50, rel=1e-6)


def test_the_machines_time_itself_is_the_texts_figure():
    found = beside(forecast("blue-brain", load_scenario("seed-2022")), Draws(1000, 1))[1]
    assert found.ours.p50 == pytest.approx(3.82e15, rel=0.01)


def test_equations_of_the_rats_circuit_are_near_what_is_reported():
    """The same formula with CoreNEURON's compartments and synapses has the text's number in it."""
    get = facts().get
    low, high = (
        454 * (1 + 6 * channel) + 1190 * synapse
        for channel, synapse in zip(
            _ends(get(f"{NEURON}.states_per_channel")),
            _ends(get(f"{NEURON}.states_per_synapse")),
            strict=True,
        )
    )
    assert low < 20_000 < 1.2 * high


def _ends(quantity):
    return quantity.interval.low, quantity.interval.high


def test_states_are_those_of_the_installed_cells():
    from halfbrain.cells.detailed.installed import installed_cells, recipe

    names = [name for name in installed_cells() if not name.startswith("allen")]
    if not names:
        pytest.skip("EModelRunner, which brings the cells, is not installed")
    for name in names:
        placed = recipe(name).compartments().placed
        states = sum(len(p.mechanism.solved) * len(p.where) for p in placed)
        low, high = _ends(facts().get(f"{NEURON}.states_per_channel"))
        assert low <= states / sum(len(p.where) for p in placed) <= high
    library = recipe("synplas-cADpyr_L4TPC").library
    low, high = _ends(facts().get(f"{NEURON}.states_per_synapse"))
    assert len(library("ProbAMPANMDA_EMS").solved) == low
    assert len(library("GluSynapse").solved) == high


@pytest.mark.parametrize("name", ["blue-brain", "spiking"])
def test_explain_has_the_figures_of_the_estimate(name, capsys):
    """The tree, the lines below it and the estimate are of the same draws."""
    each = Spread.of(
        forecast(name, load_scenario()).quantity("flop_per_neuron_second"), Draws(100_000, 2022)
    )
    value = f"{each.p50:.3g} ({each.p5:.3g} to {each.p95:.3g})"
    command.explain(name)
    out = capsys.readouterr().out
    assert f"{name}.flop_per_neuron_second = {value}" in out
    if name == "blue-brain":
        assert f"text of 2022, {value} here" in " ".join(out.split())
    command.explain(name, as_json=True)
    part = next(
        part
        for part in json.loads(capsys.readouterr().out)["tree"]["parts"]
        if part["name"] == f"{name}.flop_per_bio_second"
    )["parts"]
    assert each.p50 in [leaf.get("p50") for leaf in part]


def test_the_command_tells_the_ratio_and_the_reason(capsys):
    command.explain("blue-brain")
    text = " ".join(capsys.readouterr().out.split())
    assert "3.83e+15 in the text of 2022" in text
    assert "Why: the text takes the peak of 2,048 nodes" in text
    command.explain("blue-brain", as_json=True)
    rows = json.loads(capsys.readouterr().out)["reported"]
    assert [row["unit"].split("/")[0] for row in rows] == ["equation", "FLOP", "byte"]
    assert np.isfinite([row["theirs_over_ours"]["p50"] for row in rows]).all()
    assert told([]) == ""
