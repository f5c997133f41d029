"""Hodgkin-Huxley neurons with the rate functions of Traub and Miles 1991.

The rate functions are written with ``exprel(x) = (exp(x) - 1)/x``, which is whole where the usual
form divides zero by zero: 0.32 x/(exp(x/4) - 1) = 0.32*4/exprel(x/4).
"""

from __future__ import annotations

from halfbrain.cells.neuron import Neuron

_GATES = """
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
alpha_m = 0.32*4/exprel((13*mV - V + VT)/(4*mV))/ms : Hz
beta_m = 0.28*5/exprel((V - VT - 40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV - V + VT)/(18*mV))/ms : Hz
beta_h = 4/(1 + exp((40*mV - V + VT)/(5*mV)))/ms : Hz
alpha_n = 0.032*5/exprel((15*mV - V + VT)/(5*mV))/ms : Hz
beta_n = 0.5*exp((10*mV - V + VT)/(40*mV))/ms : Hz
"""
_MEMBRANE = (
    "dV/dt = (g_Na*m**3*h*(V_Na - V) + g_Kd*n**4*(V_Kd - V) + g_L*(V_L - V) + I_syn)/C_M : volt"
)

TRAUB_MILES = Neuron(
    name="traub_miles",
    equations=_MEMBRANE
    + _GATES
    + """
I_syn = g_E*(V_E - V) + g_I*(V_I - V) : amp
dg_E/dt = -g_E/tau_E : siemens
dg_I/dt = -g_I/tau_I : siemens
""",
    # An area of 20,000 um^2 makes these of 1 uF/cm^2, 50 uS/cm^2, 100 and 30 mS/cm^2.
    constants={
        "C_M": "200 pF",
        "g_L": "10 nS",
        "g_Na": "20 uS",
        "g_Kd": "6 uS",
        "V_L": "-60 mV",
        "V_Na": "50 mV",
        "V_Kd": "-90 mV",
        "VT": "-63 mV",
        "V_E": "0 mV",
        "V_I": "-80 mV",
        "tau_E": "5 ms",
        "tau_I": "10 ms",
    },
    threshold="V > -20*mV",
    refractory="3 ms",
    receptors={"ex": "g_E", "in": "g_I"},
    method="exponential-euler",
    source="Brette et al. 2007, doi 10.1007/s10827-007-0038-6, benchmark 3, as Brian2GeNN's "
    "COBAHH; rates of Traub and Miles 1991",
)

_MBODY = {
    "C_M": "0.3 nF",
    "g_L": "0.0267 uS",
    "g_Na": "7.15 uS",
    "g_Kd": "1.43 uS",
    "V_L": "-63.56 mV",
    "V_Na": "50 mV",
    "V_Kd": "-95 mV",
    "VT": "-63 mV",
    "V_E": "0 mV",
}
_MBODY_SOURCE = (
    "Nowotny et al. 2005, doi 10.1007/s00422-005-0019-7, as Brian2GeNN's Mbody_example "
    "(Stimberg, Goodman and Nowotny 2020, doi 10.1038/s41598-019-54957-7)"
)

MBODY_IKC = Neuron(
    name="mbody_ikc",
    equations=_MEMBRANE
    + _GATES
    + """
I_syn = g_PN*(V_E - V) : amp
dg_PN/dt = -g_PN/tau_PN : siemens
""",
    constants=_MBODY | {"tau_PN": "2 ms"},
    threshold="V > 0*mV",
    refractory="V > 0*mV",
    receptors={"ex": "g_PN"},
    method="exponential-euler",
    source=f"{_MBODY_SOURCE}: intrinsic Kenyon cell",
)

MBODY_EKC = Neuron(
    name="mbody_ekc",
    equations=_MEMBRANE
    + _GATES
    + """
I_syn = g_iKC*(V_E - V) + g_eKC*(V_I - V) : amp
dg_iKC/dt = -g_iKC/tau_iKC : siemens
dg_eKC/dt = -g_eKC/tau_eKC : siemens
""",
    constants=_MBODY | {"V_I": "-92 mV", "tau_iKC": "10 ms", "tau_eKC": "5 ms"},
    threshold="V > 0*mV",
    refractory="V > 0*mV",
    receptors={"ex": "g_iKC", "in": "g_eKC"},
    method="exponential-euler",
    source=f"{_MBODY_SOURCE}: extrinsic Kenyon cell",
)

NEURONS = (TRAUB_MILES, MBODY_IKC, MBODY_EKC)
