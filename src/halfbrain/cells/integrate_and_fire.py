"""Integrate-and-fire neurons. The linear ones are integrated exactly."""

from __future__ import annotations

from collections.abc import Mapping

from halfbrain.cells.neuron import Neuron
from halfbrain.equations.integrate import Method

_MEMBRANE = {
    "E_L": "-65 mV",
    "V_th": "-50 mV",
    "V_r": "-65 mV",
    "tau_m": "10 ms",
    "C_m": "250 pF",
}
_CURRENT = "dv/dt = (E_L - v)/tau_m + ({synapses} + I_e)/C_m : volt (unless refractory)\n"
_CONDUCTANCE = (
    "dv/dt = (g_L*(E_L - v) + g_ex*(E_ex - v) + g_in*(E_in - v) + I_e)/C_m"
    " : volt (unless refractory)\n"
)
_EXTERNAL = "I_e : amp\n"
_REVERSALS = {
    "E_L": "-70 mV",
    "V_th": "-55 mV",
    "V_r": "-60 mV",
    "C_m": "250 pF",
    "g_L": "16.6667 nS",
    "E_ex": "0 mV",
    "E_in": "-85 mV",
}


def _exponential(name: str, unit: str) -> str:
    return f"d{name}/dt = -{name}/tau_{name} : {unit}\n"


def _alpha(name: str, unit: str) -> str:
    """An alpha function, whose peak is the weight: exp(1) x feeds it and decays as fast as it."""
    return (
        f"d{name}/dt = (exp(1)*x_{name} - {name})/tau_{name} : {unit}\n"
        f"dx_{name}/dt = -x_{name}/tau_{name} : {unit}\n"
    )


def _lif(
    name: str,
    equations: str,
    constants: Mapping[str, str],
    receptors: Mapping[str, str],
    source: str,
    method: Method | None = None,
) -> Neuron:
    """A cell that fires at V_th, is set to V_r, and rests for 2 ms."""
    return Neuron(
        name=name,
        equations=equations,
        constants=constants,
        threshold="v >= V_th",
        reset="v = V_r",
        refractory="2 ms",
        receptors=receptors,
        method=method,
        source=source,
    )


LIF_DELTA = Neuron(
    name="lif_delta",
    equations="dv/dt = (E_L - v)/tau_m : volt (unless refractory)",
    constants={"E_L": "0 mV", "V_th": "20 mV", "V_r": "0 mV", "tau_m": "20 ms"},
    threshold="v >= V_th",
    reset="v = V_r",
    refractory="2 ms",
    receptors={"syn": "v"},
    deaf=True,
    source="Brunel 2000, doi 10.1023/A:1008925309027, eq. 1, with its values of model A",
)

LIF_CURRENT_EXP = _lif(
    name="lif_current_exp",
    equations=_CURRENT.format(synapses="I_ex + I_in")
    + _exponential("I_ex", "amp")
    + _exponential("I_in", "amp")
    + _EXTERNAL,
    constants=_MEMBRANE | {"tau_I_ex": "0.5 ms", "tau_I_in": "0.5 ms"},
    receptors={"ex": "I_ex", "in": "I_in"},
    source="Rotter and Diesmann 1999, doi 10.1007/s004220050570, section 3; "
    "values of Potjans and Diesmann 2014, doi 10.1093/cercor/bhs358, table 5",
)

LIF_CURRENT_EXP_SHARED = _lif(
    name="lif_current_exp_shared",
    equations=_CURRENT.format(synapses="I") + _exponential("I", "amp") + _EXTERNAL,
    constants=_MEMBRANE | {"tau_I": "0.5 ms"},
    receptors={"syn": "I"},
    source="Potjans and Diesmann 2014, doi 10.1093/cercor/bhs358, eqs 1 and 2, table 5: "
    "both kinds of synapse decay alike, so one current takes weights of either sign",
)

LIF_CURRENT_ALPHA = _lif(
    name="lif_current_alpha",
    equations=_CURRENT.format(synapses="I_ex + I_in")
    + _alpha("I_ex", "amp")
    + _alpha("I_in", "amp")
    + _EXTERNAL,
    constants=_MEMBRANE | {"tau_I_ex": "2 ms", "tau_I_in": "2 ms"},
    receptors={"ex": "x_I_ex", "in": "x_I_in"},
    source="Rotter and Diesmann 1999, doi 10.1007/s004220050570, section 3",
)

LIF_CURRENT_ALPHA_SHARED = _lif(
    name="lif_current_alpha_shared",
    equations=_CURRENT.format(synapses="I") + _alpha("I", "amp") + _EXTERNAL,
    constants=_MEMBRANE | {"tau_I": "2 ms"},
    receptors={"syn": "x_I"},
    source="Rotter and Diesmann 1999, doi 10.1007/s004220050570, section 3; "
    "one current takes weights of either sign",
)

LIF_CONDUCTANCE_EXP = _lif(
    name="lif_conductance_exp",
    equations=_CONDUCTANCE
    + _exponential("g_ex", "siemens")
    + _exponential("g_in", "siemens")
    + _EXTERNAL,
    constants=_REVERSALS | {"tau_g_ex": "0.2 ms", "tau_g_in": "2 ms"},
    receptors={"ex": "g_ex", "in": "g_in"},
    source="Meffin, Burkitt and Grayden 2004, doi 10.1023/B:JCNS.0000014108.03012.81; "
    "values of NEST's iaf_cond_exp",
)

LIF_CONDUCTANCE_ALPHA = _lif(
    name="lif_conductance_alpha",
    equations=_CONDUCTANCE + _alpha("g_ex", "siemens") + _alpha("g_in", "siemens") + _EXTERNAL,
    constants=_REVERSALS | {"tau_g_ex": "0.2 ms", "tau_g_in": "2 ms"},
    receptors={"ex": "x_g_ex", "in": "x_g_in"},
    # The rise of a conductance depends on its x, so exponential Euler would be of first order.
    method="rk4",
    source="Meffin, Burkitt and Grayden 2004, doi 10.1023/B:JCNS.0000014108.03012.81; "
    "values of NEST's iaf_cond_alpha",
)

CUBA = Neuron(
    name="cuba",
    equations="dv/dt = (ge + gi - (v - E_L))/tau_m : volt (unless refractory)\n"
    + _exponential("ge", "volt")
    + _exponential("gi", "volt"),
    constants={
        "E_L": "-49 mV",
        "V_th": "-50 mV",
        "V_r": "-60 mV",
        "tau_m": "20 ms",
        "tau_ge": "5 ms",
        "tau_gi": "10 ms",
    },
    threshold="v > V_th",
    reset="v = V_r",
    refractory="5 ms",
    receptors={"ex": "ge", "in": "gi"},
    source="Brette et al. 2007, doi 10.1007/s10827-007-0038-6, benchmark 2, as in Brian2's CUBA",
)

ADEX = Neuron(
    name="adex",
    equations="""
        dv/dt = (g_L*(E_L - v) + g_L*D_T*exp(clip((v - V_T)/D_T, -50, 5))
                 - w + I_ex + I_in + I_e)/C_m : volt
        dw/dt = (a*(v - E_L) - w)/tau_w : amp
        dI_ex/dt = -I_ex/tau_I_ex : amp
        dI_in/dt = -I_in/tau_I_in : amp
        I_e : amp
    """,
    constants={
        "C_m": "281 pF",
        "g_L": "30 nS",
        "E_L": "-70.6 mV",
        "V_T": "-50.4 mV",
        "D_T": "2 mV",
        "tau_w": "144 ms",
        "a": "4 nS",
        "b": "80.5 pA",
        "V_r": "-70.6 mV",
        "tau_I_ex": "5 ms",
        "tau_I_in": "10 ms",
    },
    # From here the upstroke takes C_m/g_L/exp(5), 0.06 ms; followed further, it would overflow.
    threshold="v > V_T + 5*D_T",
    reset="v = V_r; w += b",
    receptors={"ex": "I_ex", "in": "I_in"},
    method="rk4",
    source="Brette and Gerstner 2005, doi 10.1152/jn.00686.2005, eqs 1 to 3, table 1; "
    "exponential synaptic currents added",
)

IZHIKEVICH = Neuron(
    name="izhikevich",
    equations="""
        dv/dt = (0.04/mV*v**2 + 5*v + 140*mV - u + I_e)/ms : volt
        du/dt = a*(b*v - u)/ms : volt
        I_e : volt
    """,
    constants={"a": "0.02", "b": "0.2", "c": "-65 mV", "d": "8 mV"},
    threshold="v >= 30*mV",
    reset="v = c; u += d",
    receptors={"syn": "v"},
    method="rk4",
    source="Izhikevich 2003, doi 10.1109/TNN.2003.820440, eqs 1 to 3, regular spiking",
)

DIEHL_COOK_EXCITATORY = Neuron(
    name="diehl_cook_excitatory",
    equations="""
        dv/dt = (E_L - v)/tau_m : volt
        dtheta/dt = -theta/tau_theta : volt
    """,
    constants={
        "E_L": "-65 mV",
        "V_th": "-52 mV",
        "V_r": "-60 mV",
        "tau_m": "100 ms",
        "tau_theta": "1e7 ms",
        "theta_plus": "0.05 mV",
    },
    threshold="v >= V_th + theta",
    reset="v = V_r; theta += theta_plus",
    refractory="6 ms",
    receptors={"ex": "v", "in": "v"},
    deaf=True,
    source="Diehl and Cook 2015, doi 10.3389/fncom.2015.00099, as BindsNET's DiehlAndCookNodes",
)

DIEHL_COOK_INHIBITORY = Neuron(
    name="diehl_cook_inhibitory",
    equations="dv/dt = (E_L - v)/tau_m : volt",
    constants={"E_L": "-60 mV", "V_th": "-40 mV", "V_r": "-45 mV", "tau_m": "10 ms"},
    threshold="v >= V_th",
    reset="v = V_r",
    refractory="3 ms",
    receptors={"ex": "v"},
    deaf=True,
    source="Diehl and Cook 2015, doi 10.3389/fncom.2015.00099, as BindsNET's LIFNodes in "
    "DiehlAndCook2015",
)

NEURONS = (
    LIF_DELTA,
    LIF_CURRENT_EXP,
    LIF_CURRENT_EXP_SHARED,
    LIF_CURRENT_ALPHA,
    LIF_CURRENT_ALPHA_SHARED,
    LIF_CONDUCTANCE_EXP,
    LIF_CONDUCTANCE_ALPHA,
    CUBA,
    ADEX,
    IZHIKEVICH,
    DIEHL_COOK_EXCITATORY,
    DIEHL_COOK_INHIBITORY,
)
