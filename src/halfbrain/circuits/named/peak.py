"""The highest potential after one spike: what turns a published potential into a weight.

A membrane at rest, of time constant ``tau_m`` and ``capacitance``, takes in one synaptic current.
The peak is where the derivative of the convolution of the two is 0. Seconds, farad; the result is
in volt for a weight of 1 A.
"""

from __future__ import annotations

import math

from scipy.special import lambertw


def peak_after_exponential(tau_m: float, tau_syn: float, capacitance: float) -> float:
    """For a current that jumps and decays (Hanuschkin et al. 2010, eq. 5)."""
    ratio, difference = tau_m / tau_syn, tau_syn - tau_m
    shape: float = ratio ** (tau_m / difference) - ratio ** (tau_syn / difference)
    return tau_m * tau_syn / (capacitance * difference) * shape


def peak_after_alpha(tau_m: float, tau_syn: float, capacitance: float) -> float:
    """For an alpha current whose peak is the weight; Lambert's W gives the time of rise."""
    a, b = tau_m / tau_syn, 1 / tau_syn - 1 / tau_m
    rise = (-float(lambertw(-math.exp(-1 / a) / a, k=-1).real) - 1 / a) / b
    decayed = math.exp(-rise / tau_syn)
    leaked = (math.exp(-rise / tau_m) - decayed) / b
    return math.e / (tau_syn * capacitance * b) * (leaked - rise * decayed)
