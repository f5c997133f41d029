"""The cost model: units, closed forms, the seed's totals, indices, bills."""

import math

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.contenders.left_out import SWITCHES
from halfbrain.contenders.registry import contender, derived, inputs, rows
from halfbrain.errors import HalfbrainError
from halfbrain.facts.draws import Draws
from halfbrain.facts.interval import Interval
from halfbrain.facts.quantity import Quantity
from halfbrain.facts.source import Origin
from halfbrain.facts.table import facts
from halfbrain.facts.units import registry
from halfbrain.forecast import sensitivity
from halfbrain.forecast.backcast import backcasts
from halfbrain.forecast.comparison import budget_flop, fit
from halfbrain.forecast.estimate import Spread, forecast
from halfbrain.forecast.formula import COUNTINGS, evaluate, program, run
from halfbrain.forecast.machine import bill
from halfbrain.forecast.scenario import load_scenario
from halfbrain.forecast.sensitivity import sobol
from halfbrain.forecast.yardstick import yardstick

DRAWS = Draws(20_000, 1)
pytestmark = pytest.mark.filterwarnings("ignore::halfbrain.errors.HalfbrainWarning")


def certain(**values):
    """Our scenario with every input at its median but for those given."""
    scenario = load_scenario()
    for name, value in scenario.inputs().items():
        scenario = scenario.with_setting(name, value.interval.median)
    for name, value in values.items():
        scenario = scenario.with_setting(
            name.replace("__", ".").replace("blue_brain", "blue-brain"), value
        )
    return scenario


@pytest.mark.parametrize("counting", COUNTINGS)
@pytest.mark.parametrize("name", list(rows()))
def test_formulas_are_coherent_so_the_page_needs_no_conversions(name, counting):
    scenario = load_scenario()
    for switch in SWITCHES:  # what is off would not be looked at
        scenario = scenario.with_setting(switch.name, 1)
    values = scenario.inputs()
    for step in program(contender(name), counting):
        value = evaluate(step.formula, values)
        assert registry().convert(1.0, value.unit, step.unit) == 1.0, step.name
        values[step.name] = value.to(step.unit).named(step.name)


def test_the_spiking_row_is_the_closed_form():
    scenario = certain(
        neurons=1e6,
        synapses_per_neuron=1000,
        firing_rate=2,
        years=1,
        awake_share=1,
        seconds_per_year=100,
        spiking__step=1e-3,
        spiking__flop_per_update=10,
        spiking__flop_per_event=3,
        spiking__flop_per_plastic_event=7,
    )
    each = 1000 * 10 + 2 * 1000 * (3 + 7)
    assert forecast("spiking", scenario).flop.magnitude("FLOP") == pytest.approx(each * 1e6 * 100)
    idle = scenario.with_setting("learning", 0)
    assert forecast("spiking", idle).flop.magnitude() == pytest.approx((10_000 + 6000) * 1e8)


def test_the_blue_brain_row_is_the_closed_form():
    scenario = certain(
        neurons=10,
        synapses_per_neuron=100,
        firing_rate=2,
        years=1,
        seconds_per_year=1,
        blue_brain__step=1e-3,
        blue_brain__compartments_per_neuron=50,
        blue_brain__channels_per_compartment=4,
        blue_brain__flop_per_channel=20,
        blue_brain__flop_solver=8,
        blue_brain__flop_per_synapse_step=11,
        blue_brain__flop_per_event=30,
        blue_brain__flop_per_plastic_step=13,
    )
    each = 1000 * 50 * (4 * 20 + 8) + 1000 * 100 * (11 + 13) + 2 * 100 * 30
    assert forecast("blue-brain", scenario).flop.magnitude() == pytest.approx(10 * each)


@pytest.mark.parametrize("key", ["gpt-3", "palm", "chinchilla", "llama-3-1-405b"])
def test_the_yardstick_gives_published_training_compute_from_published_sizes(key):
    """Within 5 %; all the parameters on one 'neuron' with one 'second' of tokens.

    Attention comes from the shape where the facts have it (as for GPT-3 and PaLM); the others are
    published as 6 N D, without.
    """
    item = facts().item("training_runs", key)
    parameters, tokens = (item.figure(n).magnitude() for n in ("parameters", "tokens"))
    attention = 0.0
    if "layers" in item.figures:
        layers, width, context = (
            item.figure(n).magnitude() for n in ("layers", "attention_width", "context")
        )
        attention = 12 * layers * width * context  # FLOP a token, forward and backward
    assert (attention > 0) == (key in ("gpt-3", "palm"))
    scenario = certain(
        neurons=1,
        years=1,
        seconds_per_year=1,
        synapses_per_neuron=parameters,
        transformer__parameters_per_synapse=1,
        transformer__tokens_per_second=tokens,
        transformer__attention_flop_per_parameter=attention / 3 / parameters,
    )
    found = forecast("transformer", scenario).flop.magnitude("FLOP")
    assert found == pytest.approx((6 * parameters + attention) * tokens)
    assert found == pytest.approx(item.figure("compute").magnitude("FLOP"), rel=0.05)


@pytest.mark.parametrize(
    ("name", "spiking", "blue_brain"),
    [
        ("seed-2022", 3.82e24, 2.37e33),
        ("seed-mended", 3.69e27, 2.36e34),
    ],
)
def test_the_seeds_scenarios_give_its_totals(name, spiking, blue_brain):
    scenario = load_scenario(name)
    for row, total in (("spiking", spiking), ("blue-brain", blue_brain)):
        assert Spread.of(forecast(row, scenario).flop, DRAWS).p50 == pytest.approx(total, rel=0.01)


def test_the_seconds_that_nobody_could_confirm_make_the_spread_of_their_row():
    indices = sobol(forecast("blue-brain", load_scenario("seed-records")).flop, 1)
    assert indices[0].name == "blue-brain.run_bio_seconds"
    assert indices[0].total > 0.95


@pytest.mark.parametrize("name", list(rows()))
@given(factor=st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_flop_grow_in_proportion_to_neurons(name, factor):
    one, many = (forecast(name, certain(neurons=n)).flop.magnitude() for n in (1e9, 1e9 * factor))
    assert many / one == pytest.approx(factor, rel=1e-9)


def test_the_synapses_of_the_cortex_are_shared_among_its_neurons():
    """However many neurons there are, half of them have half of its synapses."""
    asked = load_scenario().with_setting("cortex_neurons", "10e9 to 26e9")
    values = forecast("spiking", asked).values
    neurons, each = (values[name].sample(DRAWS) for name in ("neurons", "synapses_per_neuron"))
    whole = values["cortex_synapses"].sample(DRAWS)
    np.testing.assert_allclose(neurons * each, whole / 2, rtol=1e-12)
    low, high = np.quantile(neurons, (0.05, 0.95))
    assert (low, high) == pytest.approx((5e9, 13e9), rel=0.02)


def test_a_smaller_network_has_the_synapses_of_a_neuron_and_a_child_has_more():
    ours, small, child = (
        forecast("spiking", scenario).values
        for scenario in (
            load_scenario(),
            load_scenario().with_setting("neurons", 5e9),
            load_scenario().with_setting("childhood_density", 2),
        )
    )
    each = math.sqrt(1e14 * 3.6e14) / 26e9
    assert ours["neurons"].magnitude() == 13e9
    assert ours["synapses_per_neuron"].magnitude() == pytest.approx(each)
    assert small["synapses_per_neuron"].magnitude() == pytest.approx(each)
    assert child["synapses_per_neuron"].magnitude() == pytest.approx(2 * each)


def test_what_fits_twelve_orders_over_palm():
    budget = budget_flop().magnitude("FLOP")
    assert budget == pytest.approx(2.53e36, rel=0.01)
    found = fit(forecast("blue-brain", certain()), DRAWS)
    assert found.times.p50 == pytest.approx(
        budget / forecast("blue-brain", certain()).flop.magnitude()
    )
    assert found.neurons.p50 == pytest.approx(13e9 * found.times.p50)
    assert found.enough == 1.0


def test_the_same_seed_gives_the_same_draws_and_another_seed_others():
    flop = forecast("numenta", load_scenario()).flop
    np.testing.assert_array_equal(flop.sample(Draws(500, 7)), flop.sample(Draws(500, 7)))
    assert not np.array_equal(flop.sample(Draws(500, 7)), flop.sample(Draws(500, 8)))


def leaf(name, low, high):
    return Quantity.leaf(name, Interval(low, high), "", Origin("user"))


def test_sobol_indices_are_those_of_salib():
    from SALib.analyze import sobol as salib

    rows = np.random.default_rng(5).lognormal(size=(6, 500))
    first, total = sensitivity._analyse(rows)
    problem = {"num_vars": 4, "names": list("abcd"), "bounds": [[0.0, 1.0]] * 4}
    # SALib wants A, then A with each column of B, then B, draw by draw.
    theirs = salib.analyze(problem, rows.T.ravel(), calc_second_order=False, num_resamples=2)
    assert first == pytest.approx(theirs["S1"], rel=1e-9)
    assert total == pytest.approx(theirs["ST"], rel=1e-9)


def test_sobol_indices_of_a_product_are_its_shares_of_variance():
    """Exact for a log-linear product: var_i / sum of var (Saltelli et al. 2008)."""
    product = leaf("a", 1, 10) * leaf("b", 1, 1000) / leaf("c", 1, 100)
    found = {index.name: index for index in sobol(product, 3, n=8192)}
    for name, share in (("a", 1 / 14), ("b", 9 / 14), ("c", 4 / 14)):
        assert found[name].total == pytest.approx(share, abs=0.03)
        assert found[name].first == pytest.approx(share, abs=0.05)


def test_totals_count_interactions_too():
    a, b = leaf("a", 1, 10), leaf("b", 1, 10)
    found = {index.name: index for index in sobol(a * b + a, 3, n=8192)}
    assert found["a"].total > found["b"].total
    assert sum(index.total for index in found.values()) >= 0.99


def test_a_bill_follows_from_peak_utilisation_power_and_price():
    result = forecast("transformer", certain())
    found = bill(result, "h100", Draws(4000, 1))
    h100 = facts().item("hardware", "h100")
    seconds = (
        result.flop.magnitude()
        / h100.figure("peak_fp16").magnitude("FLOP/second")
        / facts().get("hardware.utilisation.training").magnitude()
    )
    assert found.bound_by == "arithmetic"
    assert found.device_years.p50 == pytest.approx(seconds / 31557600, rel=0.05)
    joules = seconds * 700 * facts().get("hardware.prices.power_usage_effectiveness").magnitude()
    assert found.energy_joule.p50 == pytest.approx(joules, rel=0.1)
    assert found.money_usd.p5 < found.money_usd.p50 < found.money_usd.p95


def test_a_bill_says_what_the_facts_lack():
    found = bill(forecast("blue-brain", certain()), "tpu-v5p", Draws(200, 1))
    assert "peak_fp64" in found.missing
    assert found.device_years is None
    with pytest.raises(HalfbrainError, match="no machine 'abacus'"):
        bill(forecast("spiking", certain()), "abacus", Draws(200, 1))


def test_the_cost_model_foretells_most_published_runs():
    cases = [case for case in backcasts() if case.predicted and case.published is not None]
    inside = [case for case in cases if case.verdict.startswith("inside")]
    assert len(cases) >= 25
    assert len(inside) / len(cases) >= 0.8


def test_the_cost_model_foretells_the_memory_of_published_runs():
    """What they took; and no machine has less than the least that is predicted for its run.

    But where connections are made anew at each spike and not stored.
    """
    cases = backcasts()
    known = [case for case in cases if case.published_memory is not None]
    assert len(known) >= 5
    inside = [c for c in known if c.memory.p5 <= c.published_memory <= c.memory.p95]
    assert len(inside) / len(known) >= 0.8
    c2 = next(case for case in cases if case.run == "c2-2007")
    assert (c2.published_memory, c2.machine_memory) == (8e12, 16384 * 512e6)
    short = [c for c in cases if c.machine_memory and c.memory.p5 > c.machine_memory]
    assert [case.simulator for case in short] == ["procedural"]


def test_what_nobody_published_is_not_shown_as_published():
    cases = {case.run: case for case in backcasts()}
    for key in ("igarashi-2019", "coreneuron-2019"):
        assert cases[key].published is None
        assert cases[key].peak_share is cases[key].bandwidth_share is None
        assert cases[key].confidence == "judgement"
        assert cases[key].verdict == "its speed is not published"
    assert (cases["igarashi-2019"].low, cases["igarashi-2019"].high) == (200, 800)
    assert cases["kunkel-2014"].published == 2400
    for item in facts().tables["simulation_runs"].values():
        speed = item.figures.get("real_time_factor")
        if speed is None or speed.origin.confidence == "judgement":
            assert cases[item.key].published is None
    assert cases["c2-2009-cat"].low is cases["c2-2009-cat"].high is None


def test_without_learning_a_network_holds_its_weights_alone():
    """Weights of two bytes; no gradient, no moments: 18 bytes of which 16 are for learning."""
    for name, place in (("transformer", 2), ("numenta", 4)):
        given = {f"{name}__bytes_per_weight": place, f"{name}__bytes_per_parameter": 18}
        held, run = (forecast(name, certain(**given, learning=on)) for on in (1, 0))
        weights = held.values["neurons"] * held.values[f"{name}.parameters_per_neuron"]
        assert held.quantity("memory").magnitude() == 18 * weights.magnitude()
        assert run.quantity("memory").magnitude() == place * weights.magnitude()
        assert all(
            run.terms()[term].magnitude() == 0 for term in run.terms() if term != "forward passes"
        )


def test_overflow_is_a_line_and_not_a_number():
    with pytest.raises(HalfbrainError, match="too large"):
        Spread.of(
            forecast("spiking", certain(neurons=1e300, synapses_per_neuron=1e300)).flop, DRAWS
        )


def test_every_symbol_of_every_formula_is_an_input_or_derived():
    known = (
        set(inputs()) | set(derived()) | {c.flop_per_neuron_second.name for c in rows().values()}
    )
    for c in rows().values():
        for expression in (c.operations, c.traffic, c.memory, c.machine_time or sympy.S.Zero):
            assert {symbol.name for symbol in expression.free_symbols} <= known


def test_the_default_fact_of_every_input_fits_its_unit():
    for value in load_scenario().inputs().values():
        assert math.isfinite(value.interval.median)
    for name in rows():
        assert run(program(contender(name), "operations"), load_scenario().inputs())


def test_indices_of_what_overflows_are_a_line_too():
    with pytest.raises(HalfbrainError, match="too large"):
        sobol(leaf("a", 1e-300, 1e300) * leaf("b", 1, 1e300), 1)


def test_the_yardstick_is_far_from_the_best_use_of_its_compute():
    """At 20 tokens a parameter, 6 FLOP each: 120 N^2 for its size, 0.3 D^2 for its tokens."""
    scenario = certain()
    result = forecast("transformer", scenario)
    parameters = (
        result.values["neurons"] * result.values["transformer.parameters_per_neuron"]
    ).magnitude("parameter")
    tokens = (
        result.values["transformer.tokens_per_second"] * result.values["training_seconds"]
    ).magnitude("token")
    found = yardstick(result, Draws(100, 1))
    assert found.best_tokens_per_parameter == pytest.approx(20)
    assert found.tokens_per_parameter.p50 == pytest.approx(tokens / parameters)
    assert found.flop_best_for_size.p50 == pytest.approx(120 * parameters**2)
    assert found.flop_best_for_tokens.p50 == pytest.approx(0.3 * tokens**2)
    assert yardstick(forecast("spiking", scenario), Draws(100, 1)) is None
