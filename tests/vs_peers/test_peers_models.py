"""A circuit in the words of other simulators; none of them need be installed."""

from dataclasses import replace

import numpy as np
import pytest

from halfbrain.cells.catalogue import named_neuron, named_rule
from halfbrain.cells.neuron import Neuron
from halfbrain.circuits.named.catalogue import named_circuit
from halfbrain.compare import brian2_text, nest_rules
from halfbrain.compare.bindsnet_nodes import layer, learning
from halfbrain.compare.form import form
from halfbrain.compare.nest_models import nest_cell
from halfbrain.errors import RunError

TRAUB = named_neuron("traub_miles")


def lif(**changes):
    return replace(named_neuron("lif_current_exp", E_L="-52 mV"), **changes)


# Brian2's text


def test_brian2_gets_units_and_zeros_that_it_takes():
    cell = named_neuron("traub_miles")
    model = cell.model(1e-4).model
    text = brian2_text.cell_equations(cell, model)
    assert "exprel((13*mV - V + VT)/(4*mV))/ms : second**-1" in text
    assert text.count("\n") == text.strip().count("\n")
    assert (
        brian2_text.zeros_with_units("w = clip(w - a*y, 0, top)")
        == "w = clip(w - a * y, 0 * top, top)"
    )
    assert brian2_text.integrator(lif(), lif().model(1e-4).model, 1e-4) == "exact"


def test_brian2_lets_synapses_change_a_voltage_that_is_held():
    cell = named_neuron("lif_delta")
    text = brian2_text.cell_equations(cell, cell.model(1e-4).model)
    assert "*int(not_refractory)" in text
    assert "unless refractory" not in text
    assert "unless refractory" in brian2_text.cell_equations(lif(), lif().model(1e-4).model)


def test_a_rule_becomes_event_driven_equations():
    text = brian2_text.plastic_synapse(
        named_rule("pair_stdp"), "g", lif().variable_dimensions("I_e")
    )
    assert "dpre_trace/dt = -pre_trace/(20*ms) : 1 (event-driven)" in text.model
    assert text.on_pre.split("\n")[0] == "g_post += (w_synapse)"
    assert "w_synapse : amp" in text.model  # a neuron may have a w of its own
    assert text.on_pre.endswith("pre_trace += 1")
    assert "A_minus * w_max * post_trace" in text.on_pre
    assert text.on_post.endswith("post_trace += 1")
    nearest = brian2_text.plastic_synapse(named_rule("pair_stdp_nearest"), "g", {})
    assert nearest.on_post.endswith("post_trace = 1")


# NEST's and BindsNET's neurons, from the form of the equations


def nest(cell, signs=None, **parameters):
    given = {name: np.asarray(value, float) for name, value in parameters.items()}
    return nest_cell(cell, 1e-4, given, signs or {name: {1} for name in cell.receptors})


def test_exponential_currents_are_iaf_psc_exp():
    cell = named_neuron("lif_current_exp", tau_I_in="2 ms")
    made = nest(cell, {"ex": {1}, "in": {-1}}, I_e=[0.0, 250e-12])
    assert made.model == "iaf_psc_exp"
    got = made.parameters
    assert (got["tau_syn_ex"], got["tau_syn_in"]) == (pytest.approx(0.5), pytest.approx(2.0))
    # 250 pA into 250 pF over 10 ms lift the rest by 10 mV.
    assert got["E_L"] == pytest.approx([-65, -55])
    assert (got["tau_m"], got["V_th"], got["V_reset"]) == (
        pytest.approx(10), pytest.approx(-50), pytest.approx(-65),
    )  # fmt: skip
    assert got["t_ref"] == pytest.approx(1.9)  # Brian2 counts the step of the spike
    assert made.receptors["ex"].factor == pytest.approx(1e12)


def test_other_neurons_are_found_by_their_form():
    assert nest(named_neuron("lif_current_alpha_shared")).model == "iaf_psc_alpha"
    # A weight is the peak of the alpha function in both.
    assert nest(named_neuron("lif_current_alpha_shared")).receptors["syn"].factor == pytest.approx(
        1e12
    )
    delta = nest(named_neuron("lif_delta"))
    assert (delta.model, delta.later) == ("iaf_psc_delta", 1)
    assert delta.receptors["syn"].factor == pytest.approx(1e3 * np.exp(-0.1 / 20))
    conductance = nest(named_neuron("lif_conductance_exp"))
    assert conductance.model == "iaf_cond_exp"
    assert conductance.parameters["g_L"] == pytest.approx(16.6667)
    assert conductance.receptors["in"].factor == pytest.approx(-1e9)
    assert (conductance.parameters["E_ex"], conductance.parameters["E_in"]) == (
        pytest.approx(0), pytest.approx(-85),
    )  # fmt: skip
    assert nest(named_neuron("lif_conductance_alpha")).model == "iaf_cond_alpha"


def test_hodgkin_huxley_and_adaptive_neurons_are_found():
    traub = nest(named_neuron("traub_miles"))
    assert traub.model == "hh_cond_exp_traub"
    scale = 250 / 200  # NEST's capacity over the cell's
    for name, value in {"g_Na": 20_000, "g_K": 6000, "g_L": 10}.items():
        assert traub.parameters[name] == pytest.approx(value * scale)
    for name, value in {"E_Na": 50, "E_K": -90, "E_L": -60, "V_T": -63, "E_in": -80}.items():
        assert traub.parameters[name] == pytest.approx(value)
    adex = nest(named_neuron("adex"), {"ex": {1}, "in": {-1}})
    assert adex.model == "aeif_psc_exp"
    scale = 250 / 281
    for name, value in {"g_L": 30, "a": 4, "b": 80.5}.items():
        assert adex.parameters[name] == pytest.approx(value * scale)
    for name, value in {"V_th": -50.4, "Delta_T": 2, "V_peak": -40.4, "tau_w": 144}.items():
        assert adex.parameters[name] == pytest.approx(value)


@pytest.mark.parametrize(
    ("cell", "signs", "line"),
    [
        (named_neuron("izhikevich"), None, "its reset changes u"),
        (named_neuron("diehl_cook_excitatory"), None, "its reset changes theta"),
        (
            replace(named_neuron("diehl_cook_excitatory"), reset="v = V_r"),
            None,
            "its voltage moves while it is refractory",
        ),
        (lif(deaf=True), None, "its synapses lose what arrives"),
        (
            named_neuron("lif_current_exp", tau_I_in="2 ms"),
            {"ex": {1}, "in": {1}},
            "of other time constants have weights of one sign",
        ),
        (named_neuron("poisson"), None, "it has no threshold or no equation"),
        (
            Neuron("dv/dt = -v**2/(mV*ms) : volt", threshold="v > 1*mV", reset="v = 0*mV"),
            None,
            "its leak depends on v",
        ),
        (
            replace(TRAUB, equations=TRAUB.equations.replace("0.32*4", "0.33*4")),
            None,
            "its gate m is not that of Traub and Miles",
        ),
    ],
)  # fmt: skip
def test_what_nest_has_no_neuron_for_is_one_line(cell, signs, line):
    with pytest.raises(RunError) as caught:
        nest(cell, signs)
    assert line in str(caught.value)
    assert str(caught.value).startswith(f"NEST has no neuron like cell {cell.name!r}")
    assert "\n" not in str(caught.value)


def test_rules_become_nests_synapses():
    pair = nest_rules.plastic(named_rule("pair_stdp", w_max="2 nS"), 1e9)
    assert pair.own["Wmax"] == pytest.approx(2)
    assert pair.own["alpha"] == pytest.approx(1.05)
    # One step of the rule, in NEST's words and in the circuit's: w = 45.65 pA, trace 1.
    rule = named_rule("power_law_stdp")
    made = nest_rules.plastic(rule, 1e12)
    step = made.common["lambda"] * 45.65 ** made.common["mu"]
    assert step == pytest.approx(0.1 * 45.65**0.4)
    assert made.common["lambda"] * made.common["alpha"] == pytest.approx(0.1 * 0.0513)
    # Twice as large in NEST's unit, the same rule for the weight.
    twice = nest_rules.plastic(rule, 2e12)
    step = twice.common["lambda"] * (2 * 45.65) ** 0.4
    assert step == pytest.approx(2 * 0.1 * 45.65**0.4)
    with pytest.raises(RunError, match="NEST has no rule like 'triplet_stdp'; taken over are"):
        nest_rules.plastic(named_rule("triplet_stdp"), 1e9)
    with pytest.raises(RunError, match="NEST has no rule like 'pair_stdp'"):
        nest_rules.plastic(replace(named_rule("pair_stdp"), on_pre="w = w"), 1e9)


def test_bindsnet_gets_its_own_network_back():
    made = layer(named_neuron("diehl_cook_excitatory"), 1e-3, {})
    assert made.kind == "DiehlAndCookNodes"
    for name, value in {
        "thresh": -52, "rest": -65, "reset": -60, "refrac": 5, "tc_decay": 100,
        "theta_plus": 0.05, "tc_theta_decay": 1e7,
    }.items():  # fmt: skip
        assert made.arguments[name] == pytest.approx(value)
    assert layer(named_neuron("diehl_cook_inhibitory"), 1e-3, {}).kind == "LIFNodes"
    rule = learning(named_circuit("diehl_cook", neurons=10).projections[0].plasticity)
    # What arrives, after the leak that comes before it in BindsNET, is the plain weight.
    assert rule.gain * made.kept == pytest.approx(1)
    assert (rule.before, rule.after) == (pytest.approx(1e-7), pytest.approx(1e-5))
    with pytest.raises(RunError, match="its spikes do not add to the voltage alone"):
        layer(lif(), 1e-4, {})
    with pytest.raises(RunError, match="it takes in what arrives while"):
        layer(replace(named_neuron("lif_delta"), deaf=False), 1e-4, {})


def test_a_threshold_on_anything_but_a_voltage_is_refused():
    with pytest.raises(RunError, match="it fires on another condition"):
        form("NEST", replace(lif(), threshold="V_th < v"), 1e-4, {})
