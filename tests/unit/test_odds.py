"""Chances step by step: products, presets, files of one's own, and that they are beliefs."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import halfbrain
from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.forecast.beliefs import (
    BRANCHES,
    belief_names,
    is_branch,
    load_beliefs,
)
from halfbrain.forecast.odds import at_least_one, odds
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.setting import settings as inputs
from halfbrain.report.numbers import percent

DRAWS = Draws(20_000, 1)
BELIEVED = [branch for branch in BRANCHES if branch != "compute"]


def certain(chances, *contenders):
    """Beliefs of plain numbers, the same of each contender."""
    found = load_beliefs("even")
    for name in contenders or found.given:
        for branch, chance in zip(BELIEVED, chances, strict=True):
            found = found.with_belief(f"{name}.{branch}", chance)
    return found


def work_out(beliefs, scenario=None, draws=DRAWS):
    return {each.contender: each for each in odds(beliefs, scenario or load_scenario(), draws)}


def test_certain_branches_multiply_exactly():
    found = work_out(certain([0.5, 0.4, 0.3, 0.2, 0.9, 0.8]))["blue-brain"]
    assert found.works.p5 == found.works.p50 == found.works.p95
    assert found.works.p50 == pytest.approx(0.5 * 0.4 * 0.3 * 0.2 * 0.9 * 0.8, rel=1e-12)
    assert found.hangs_on == ()
    assert found.takes_most == ("world",)


def test_at_least_one_of_three():
    beliefs = certain([1, 1, 1, 1, 1, 1])
    for name, chance in (("numenta", 0.2), ("spiking", 0.3), ("blue-brain", 0.5)):
        beliefs = beliefs.with_belief(f"{name}.world", chance)
    together = at_least_one(list(work_out(beliefs).values()), DRAWS)
    assert together.as_one.p50 == pytest.approx(0.5)
    assert together.each_alone.p50 == pytest.approx(1 - 0.8 * 0.7 * 0.5)


@given(st.lists(st.floats(0.001, 1), min_size=6, max_size=6))
@settings(max_examples=20, deadline=None)
def test_no_chain_is_stronger_than_its_weakest_step(chances):
    found = work_out(certain(chances), draws=Draws(100, 1))["numenta"]
    assert found.works.p50 <= min(chances) * (1 + 1e-12)


def test_enough_compute_is_the_share_of_draws_in_which_there_is():
    """With so many neurons some draws of Numenta fit in the budget, and some do not."""
    scenario = load_scenario().with_setting("neurons", 2.2e22)
    found = work_out(certain([1, 1, 1, 1, 1, 1]), scenario)["numenta"]
    assert found.steps[0].branch == "compute"
    assert found.steps[0].belief.basis == "computed"
    assert 0.2 < found.works.p50 < 0.8
    assert found.works.p50 == found.steps[0].chance.p50
    assert found.takes_most == ("compute",)


def test_the_spread_hangs_on_the_widest_branch_and_is_shared_out_whole():
    beliefs = certain([0.5, 0.5, 0.5, 0.5, 0.5, 0.1]).with_belief("spiking.world", "0.1 to 0.9")
    beliefs = beliefs.with_belief("spiking.runs", "0.4 to 0.6")
    found = work_out(beliefs)["spiking"]
    assert found.hangs_on == ("world",)
    assert found.takes_most == ("unforeseen",)
    shares = [step.share_of_spread for step in found.steps if step.share_of_spread is not None]
    assert len(shares) == 2
    assert math.fsum(shares) == pytest.approx(1)


def test_even_odds_are_a_chain_of_coin_flips():
    """The mean of a product of independent shares is the product of their means: 1/64."""
    for found in work_out(load_beliefs("even")).values():
        assert found.product.sample(DRAWS).mean() == pytest.approx(1 / 64, rel=0.03)
        assert found.hangs_on == found.takes_most == tuple(BELIEVED)


@pytest.mark.parametrize("name", ["numenta", "spiking", "blue-brain"])
def test_the_authors_branches_give_the_totals_that_he_gave(name):
    found = work_out(load_beliefs("author-2022"), draws=Draws())[name]
    assert found.total.chance.magnitude() == {"blue-brain": 0.95}.get(name, 0.05)
    assert found.works.p50 == pytest.approx(found.total.chance.magnitude(), abs=5e-4)


def test_his_97_percent_is_the_median_of_blue_brains_abstraction():
    belief = load_beliefs("author-2022").given["blue-brain"]["abstraction"]
    assert belief.basis == "stated"
    assert belief.chance.magnitude() == pytest.approx(0.97, abs=5e-4)
    assert "97%" in belief.quote


def test_a_total_no_longer_stands_beside_a_chain_that_was_changed():
    found = work_out(load_beliefs().with_belief("numenta.world", 0.5))
    assert found["numenta"].total is None
    assert found["spiking"].total is not None


def test_the_sceptic_predicts_no_of_each():
    assert all(found.works.p95 < 0.5 for found in work_out(load_beliefs("sceptic")).values())


@pytest.mark.parametrize("preset", belief_names())
def test_every_shipped_belief_says_what_it_rests_on(preset):
    for own in load_beliefs(preset).given.values():
        for belief in own.values():
            assert belief.basis in ("stated", "apportioned", "judgement")
            assert bool(belief.quote) == bool(belief.chance.origin.sources)
            assert belief.quote or belief.basis != "stated"


def test_no_input_has_the_name_of_a_branch():
    assert not any(is_branch(name) for name in inputs())
    assert not any(name.partition(".")[2] in BRANCHES for name in inputs())


OWN = """
title = "Mine"
[blue-brain]
abstraction = 0.5
parameters = "20 to 40 %"
learning = { chance = "0.5 to 0.9", why = "as a child" }
world = 1
runs = 1
unforeseen = 1
"""


def test_beliefs_of_ones_own(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(OWN)
    found = halfbrain("odds", "--preset", str(path), "--samples", "2000", "--json")
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    (contender,) = document["contenders"]
    assert document["at_least_one"] is None
    steps = {step["branch"]: step for step in contender["steps"]}
    assert (steps["parameters"]["figure"]["low"], steps["parameters"]["figure"]["high"]) == (
        0.2,
        0.4,
    )
    assert steps["learning"]["why"] == "as a child"
    assert steps["world"]["basis"] == "user"
    assert not steps["learning"]["figure"]["sources"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("world = 1\n", "", "blue-brain has no world"),
        ("world = 1", "world = 1.5", "blue-brain.world: 1.5 is no chance"),
        ("world = 1", "world = '3 GB'", "'GB' is no unit of a chance"),
        ("world = 1", "world = 1\nluck = 1", "blue-brain has no branch 'luck'"),
        ("world = 1", "world = {why = 'x'}", "blue-brain.world: has no chance"),
        ("world = 1", "world = {chance = 1, because = 'x'}", "unknown key 'because'"),
        ("world = 1", "world = {chance = 1, basis = 'god'}", "basis must be one of stated,"),
        ("[blue-brain]", "[nobody]", "unknown key 'nobody'"),
    ],
)
def test_a_mistake_in_a_file_is_one_line_that_names_the_place(tmp_path, old, new, message):
    path = tmp_path / "mine.toml"
    path.write_text(OWN.replace(old, new))
    with pytest.raises(HalfbrainError, match=message) as caught:
        load_beliefs(str(path))
    assert str(caught.value).startswith("mine.toml: ")


@pytest.mark.parametrize("preset", belief_names())
def test_the_command_says_first_that_these_are_beliefs_and_fits_80_columns(preset):
    for arguments in ((), ("blue-brain",)):
        found = halfbrain("odds", *arguments, "--preset", preset, "--samples", "2000")
        assert found.returncode == 0, found.stderr
        assert found.stdout.startswith("Beliefs, not measurements")
        assert max(map(len, found.stdout.splitlines())) <= 80
    found = halfbrain("odds", "--preset", preset, "--samples", "2000", "--json")
    assert next(iter(json.loads(found.stdout))) == "no_measurements"


def test_what_of_ours_bears_on_a_step_is_named():
    found = work_out(load_beliefs(), load_scenario().with_setting("numenta.epochs", 7))
    bears = {step.branch: step.bears for step in found["numenta"].steps}
    assert "halfbrain hypotheses" in bears["learning"]
    assert "here each sample is shown 7 times" in bears["learning"]
    assert bears["world"] == bears["unforeseen"] == ""
    assert "epochs" not in {step.branch: step.bears for step in found["spiking"].steps}["learning"]


def test_one_option_sets_steps_and_inputs():
    found = halfbrain(
        *("odds", "--samples", "2000", "--json"),
        *("--set", "blue-brain.abstraction=0.5 to 0.9", "--set", "synapses_per_neuron=1e4"),
    )
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    assert document["scenario"]["title"].endswith("changed")
    blue_brain = document["contenders"][-1]
    assert blue_brain["works"]["p50"] == pytest.approx(0.72, abs=0.03)  # the median of the one set
    assert "of 1.3e14" in blue_brain["steps"][2]["bears"]


def test_the_trainings_that_the_compute_pays_for_are_single_ones():
    once, often = (
        work_out(load_beliefs(), load_scenario().with_setting("runs", runs))["blue-brain"]
        for runs in (1, 100)
    )
    assert once.trainings.p50 == pytest.approx(often.trainings.p50)
    assert "where 1 to 1000 may be needed" in once.steps[5].bears


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--preset", "nobody"), "no preset 'nobody'; there are author-2022"),
        (("--set", "blue-brain.luck=1"), "no branch and no input 'blue-brain.luck'"),
        (("transformer",), "author-2022 says nothing of 'transformer'"),
    ],
)
def test_a_mistake_is_one_line(arguments, message):
    found = halfbrain("odds", *arguments)
    assert found.returncode == 2
    assert message in found.stderr
    assert found.stderr.count("\n") == 1


def test_percent_is_as_exact_near_a_hundred_as_near_nothing():
    for share, text in ((0, "0"), (1, "100"), (0.951, "95"), (0.9958, "99.6"), (0.99997, "99.997")):
        assert percent(share) == text
    assert percent(0.0000912) == "0.0091"
