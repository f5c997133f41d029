"""Inputs that are tied, or of one fact: how they are drawn, what is refused, whose index it is."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from halfbrain.contenders.registry import inputs as known
from halfbrain.errors import FactError, HalfbrainWarning
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.forecast.estimate import forecast
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.sensitivity import sobol
from halfbrain.forecast.ties import Tie, in_effect, tied

DRAWS = Draws(20_000, 1)
FACT = "contenders.transformer.parameters_per_synapse"


def figures(**intervals):
    """Pure numbers by name, each of the interval given."""
    return {
        name: Quantity.leaf(name, Interval(*ends), "", Origin("user"))
        for name, ends in intervals.items()
    }


def rank_correlation(inputs, one, other):
    return spearmanr(inputs[one].sample(DRAWS), inputs[other].sample(DRAWS)).statistic


def load_text(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return load_scenario(str(path))


@given(r=st.floats(-0.99, 0.99))
@settings(max_examples=15, deadline=None)
def test_tied_inputs_have_the_rank_correlation_asked_for_and_keep_their_intervals(r):
    inputs = tied(figures(a=(1, 10), b=(2, 2e6), c=(1, 2)), [Tie("a", "b", r)])
    assert rank_correlation(inputs, "a", "b") == pytest.approx(r, abs=0.03)
    assert abs(rank_correlation(inputs, "b", "c")) < 0.03
    for name, figure in inputs.items():
        ends = np.log(np.quantile(figure.sample(DRAWS), (0.05, 0.95)))
        low, high = math.log(figure.interval.low), math.log(figure.interval.high)
        assert (ends - low) / (high - low) == pytest.approx([0, 1], abs=0.03), name


def test_the_scores_of_two_are_the_closed_form():
    """The second's score is rho times the first's and sqrt(1 - rho^2) times its own."""
    one, other = tied(figures(a=(1, 10), b=(1, 10)), [Tie("a", "b", 0.5)]).values()
    rho = 2 * math.sin(math.pi / 12)
    assert one.streams == (("a", 1.0),)
    assert [name for name, _ in other.streams] == ["a", "b"]
    assert [weight for _, weight in other.streams] == pytest.approx([rho, math.sqrt(1 - rho**2)])


def test_the_order_of_writing_changes_no_draw():
    ties = [Tie("a", "b", 0.5), Tie("b", "c", -0.4), Tie("a", "c", 0.2), Tie("d", "e", 0.9)]
    inputs = figures(a=(1, 2), b=(1, 3), c=(1, 4), d=(1, 5), e=(1, 6))
    first = {name: figure.streams for name, figure in tied(inputs, ties).items()}
    for order in itertools.permutations(ties):
        backwards = dict(reversed(inputs.items()))
        assert {name: f.streams for name, f in tied(backwards, order).items()} == first


def test_ties_that_cannot_be_at_once_are_refused_by_name():
    inputs = figures(a=(1, 2), b=(1, 3), c=(1, 4), d=(1, 2), e=(1, 2))
    with pytest.raises(FactError, match=r"a with b \(0\.9\), b with c \(0\.9\)") as error:
        tied(inputs, [Tie("a", "b", 0.9), Tie("b", "c", 0.9), Tie("d", "e", 0.1)])
    assert "d with e" not in str(error.value)
    tied(inputs, [Tie("a", "b", 0.9), Tie("b", "c", 0.9), Tie("a", "c", 0.8)])


@pytest.mark.parametrize(
    ("names", "value", "message"),
    [
        ("firing_rate", 0.5, "a tie has two inputs, with a comma between them"),
        ("firing_rate,years,learning", 0.5, "a tie has two inputs"),
        ("firing_rat, spiking.step", 0.5, "no input 'firing_rat'; did you mean 'firing_rate'"),
        ("firing_rate, firing_rate", 0.5, "firing_rate cannot be tied to itself"),
        ("firing_rate, spiking.step", 1, "'1' is no rank correlation"),
        ("firing_rate, spiking.step", "nan", "'nan' is no rank correlation"),
        ("firing_rate, spiking.step", True, "'True' is no rank correlation"),
        ("firing_rate, spiking.step", "much", "'much' is no rank correlation"),
        ("firing_rate, years", 0.5, "years is certain; a tie needs an interval"),
        ("firing_rate, training_seconds", 0.5, "training_seconds is worked out"),
        (
            "numenta.parameters_per_synapse, transformer.parameters_per_synapse",
            0.5,
            f"both rest on {FACT}, so they are one draw already",
        ),
    ],
)
def test_what_cannot_be_tied_is_one_line(names, value, message):
    with pytest.raises(FactError, match=r"^[^\n]+$") as error:
        load_scenario().with_ties([(names, value)])
    assert message in str(error.value)


def test_one_fact_cannot_be_tied_to_another_twice_over():
    step = ("spiking.step", 0.5)
    with pytest.raises(FactError, match="tie the same facts"):
        load_scenario().with_ties(
            (f"{row}.parameters_per_synapse, {step[0]}", step[1])
            for row in ("numenta", "transformer")
        )


def test_what_is_worked_out_can_be_tied_where_it_is_set():
    scenario = load_scenario().with_setting("training_seconds", "1e8 to 1e9")
    assert scenario.with_ties([("firing_rate, training_seconds", 0.3)]).ties


def test_a_file_ties_inputs_and_options_change_its_ties(tmp_path):
    scenario = load_text(tmp_path, '[ties]\n"spiking.step, firing_rate" = -0.5\n')
    assert scenario.ties == (Tie("firing_rate", "spiking.step", -0.5),)
    assert rank_correlation(scenario.inputs(), "firing_rate", "spiking.step") == pytest.approx(
        -0.5, abs=0.03
    )
    changed = scenario.with_ties([("firing_rate,spiking.step", "0.5")])
    assert changed.ties == (Tie("firing_rate", "spiking.step", 0.5),)
    assert changed.account.startswith("firing_rate with spiking.step = 0.5.")
    assert changed.published().ties == changed.ties
    for text, message in (
        ("ties = 3", "mine.toml: ties must be a table"),
        ('[ties]\n"years, firing_rate" = 0.5', "mine.toml: firing_rate with years"),
        (
            '[ties]\n"spiking.step, firing_rate" = 0.1\n"firing_rate, spiking.step" = 0.1',
            "mine.toml: firing_rate with spiking.step are tied twice",
        ),
    ):
        with pytest.raises(FactError, match=message):
            load_text(tmp_path, text)


def test_what_becomes_certain_is_no_longer_tied(tmp_path):
    scenario = load_text(tmp_path, '[ties]\n"spiking.step, firing_rate" = -0.5\n')
    with pytest.warns(HalfbrainWarning, match="firing_rate is certain now, so it is not tied"):
        scenario = scenario.with_setting("firing_rate", 1)
    assert scenario.inputs()["spiking.step"].mixed == ()


def test_inputs_of_one_fact_are_one_draw_until_one_of_them_is_set():
    one, other = "numenta.parameters_per_synapse", "transformer.parameters_per_synapse"
    scenario = load_scenario()
    inputs = scenario.inputs()
    np.testing.assert_array_equal(inputs[one].sample(DRAWS), inputs[other].sample(DRAWS))
    assert in_effect(inputs, ()) == [Tie(one, other, 1.0, FACT)]
    inputs = scenario.with_setting(one, "0.3 to 3").inputs()
    assert abs(rank_correlation(inputs, one, other)) < 0.03
    assert in_effect(inputs, ()) == []


def test_no_two_inputs_have_a_judgement_of_ours_in_common_by_two_facts():
    """One judgement that stands as two facts would be drawn twice."""
    seen = {}
    for name, figure in load_scenario().published().inputs().items():
        if figure.uncertain and name in known():
            mine = (figure.interval, figure.unit, known()[name].about)
            assert seen.setdefault(mine, figure.stream) == figure.stream


def test_tied_inputs_have_one_index_together():
    """Of a + b in logarithms, tied by rho: all of the variance, and c's share beside it."""
    inputs = tied(figures(a=(1, 10), b=(1, 10), c=(1, 10)), [Tie("a", "b", 0.5)])
    found = {i.names: i for i in sobol(inputs["a"] * inputs["b"] * inputs["c"], 3, n=8192)}
    both = 2 + 2 * 2 * math.sin(math.pi / 12)
    assert set(found) == {("a", "b"), ("c",)}
    assert found["a", "b"].name == "a with b"
    assert found["a", "b"].total == pytest.approx(both / (both + 1), abs=0.03)
    assert found["a", "b"].first == pytest.approx(both / (both + 1), abs=0.05)
    assert found["c",].total == pytest.approx(1 / (both + 1), abs=0.03)


def test_a_chain_of_ties_is_one_group_and_one_fact_is_one():
    scenario = load_scenario().with_ties(
        [("spiking.step, firing_rate", 0.3), ("firing_rate, spiking.bytes_per_synapse", 0.3)]
    )
    names = [i.names for i in sobol(forecast("spiking", scenario).flop, 1, n=64)]
    assert ("firing_rate", "spiking.step") in names


def test_a_tie_narrows_what_it_should():
    """Less firing where there are more synapses; plain sums of logarithms, so a closed form."""
    scenario = load_scenario().with_ties([("firing_rate, cortex_synapses", -0.9)])
    plasticity = forecast("spiking", scenario).terms()["plasticity"].sample(DRAWS)
    rate, synapses = math.log(4 / 0.1), math.log(3.6e14 / 1e14)
    score = 2 * math.sin(-0.9 * math.pi / 6)
    width = math.sqrt(rate**2 + synapses**2 + 2 * score * rate * synapses)
    assert np.ptp(np.quantile(np.log(plasticity), (0.05, 0.95))) == pytest.approx(width, rel=0.03)
