"""The neurons under one square millimetre of early sensory cortex."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from halfbrain.cells.integrate_and_fire import LIF_CURRENT_EXP_SHARED
from halfbrain.circuits.circuit import Circuit, PoissonDrive, Population, Projection
from halfbrain.circuits.named.peak import peak_after_exponential
from halfbrain.circuits.named.size import share, whole
from halfbrain.connectivity.rule import FixedTotal
from halfbrain.connectivity.value import Normal
from halfbrain.errors import CircuitError

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
NEURONS = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
# Connection probabilities, a row for each target, a column for each source.
PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
    ]
)
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # sources of one neuron
EXTERNAL_RATE = 8.0  # Hz, each of them
# Rates of the full circuit in Hz, which tell what input a smaller one lacks.
RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])
# First potentials in mV, chosen so that no burst of spikes begins the run.
START_MEAN = np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43])
START_STD = np.array([5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48])

_TAU_M, _TAU_SYN, _CAPACITANCE = 10e-3, 0.5e-3, 250e-12
_PEAK = 0.15e-3  # volt, of an excitatory postsynaptic potential
_INHIBITION = -4.0
_SPREAD = 0.1  # standard deviation of a weight over its mean
_DELAYS = 1.5e-3, 0.75e-3  # seconds, of excitation and inhibition; half of that is their spread
_STEP = 1e-4

Drive = Literal["poisson", "dc"]
Matrix = NDArray[np.float64]


def microcircuit(
    scale: float = 1.0, *, synapses: float | None = None, drive: Drive = "poisson"
) -> Circuit:
    """The microcircuit of Potjans and Diesmann 2014 (doi 10.1093/cercor/bhs358).

    In full 77,169 neurons and 0.3e9 synapses. A smaller one keeps the mean and the variance of
    what each neuron takes in, at the rates of the full one: its weights are larger by one over
    the root of ``synapses``, and a constant current makes up for the rest of the mean (van Albada
    et al. 2015, doi 10.1371/journal.pcbi.1004490). Sizes, weights and first potentials are those
    of the PyNEST implementation (INM-6/microcircuit-PD14-model). A rest of 2 ms after the step of
    a spike, as NEST counts, is 21 steps.

    Parameters
    ----------
    scale
        neurons over those of the full circuit.
    synapses
        synapses of a neuron over those in the full circuit; None takes ``scale``.
    drive
        what comes from outside: Poisson spikes, or a constant current of the same mean. A
        circuit thinned to a tenth under a constant one is silent but for layer 6: means alone
        do not reach the threshold (the PyNEST implementation warns of it too).

    Raises
    ------
    CircuitError
        for a scale that is not above 0 and at most 1, or an unknown drive.
    """
    if drive not in ("poisson", "dc"):
        raise CircuitError(
            f"circuit 'microcircuit': no drive {str(drive)[:40]!r}; there are poisson and dc"
        )
    scale = share("microcircuit", "scale", scale, 1.0)
    thinned = share("microcircuit", "share of synapses", scale if synapses is None else synapses, 1)
    sizes = np.round(NEURONS * scale).astype(int)
    whole("microcircuit", "neurons in the smallest population", int(sizes.min()), 1)
    numbers = np.round(full_synapses() * scale * thinned).astype(int)
    weights, external, constant = _inputs(thinned, drive)
    cell = replace(LIF_CURRENT_EXP_SHARED, refractory="2.1 ms")
    projections = [
        Projection(
            source,
            target,
            "syn",
            FixedTotal(int(numbers[i, j])),
            weight=_weight(float(weights[i, j])),
            delay=Normal(_DELAYS[j % 2], _DELAYS[j % 2] / 2, low=_STEP / 2),
        )
        for i, target in enumerate(POPULATIONS)
        for j, source in enumerate(POPULATIONS)
        if numbers[i, j]
    ]
    sources = np.round(EXTERNAL * thinned)
    return Circuit(
        name="microcircuit",
        populations=tuple(
            Population(
                name,
                cell,
                int(size),
                {
                    "v": Normal(f"{mean!r} mV", f"{std!r} mV"),
                    "I_e": float(current),
                },
            )
            for name, size, mean, std, current in zip(
                POPULATIONS,
                sizes,
                START_MEAN.tolist(),
                START_STD.tolist(),
                constant,
                strict=True,
            )
        ),
        projections=tuple(projections),
        drives=tuple(
            PoissonDrive(name, "syn", EXTERNAL_RATE * float(number), external)
            for name, number in zip(POPULATIONS, sources, strict=True)
            if drive == "poisson"
        ),
        source="Potjans and Diesmann 2014, doi 10.1093/cercor/bhs358, tables 4 and 5",
    )


def full_synapses() -> Matrix:
    """Synapses between each two populations of the full circuit, [target, source].

    The probability is that of at least one synapse between two neurons: C = 1 - (1 - 1/(N M))^K
    (Potjans and Diesmann 2014, eq. 1).
    """
    pairs = np.outer(NEURONS, NEURONS).astype(np.float64)
    synapses: Matrix = np.log1p(-PROBABILITIES) / np.log1p(-1 / pairs)
    return synapses


def _inputs(thinned: float, drive: Drive) -> tuple[Matrix, float, Matrix]:
    """Mean weights [target, source], the external weight and constant currents, all in amp."""
    one = _PEAK / peak_after_exponential(_TAU_M, _TAU_SYN, _CAPACITANCE)
    weights = np.tile([one, _INHIBITION * one], (len(POPULATIONS), len(POPULATIONS) // 2))
    weights[0, 2] = 2 * one  # from layer 4 to layer 2/3, excitatory
    inputs = full_synapses() / NEURONS[:, None]
    # A current of weight w decays with tau_syn, so spikes at a rate r bring w r tau_syn.
    internal = _TAU_SYN * (weights * inputs * RATES).sum(axis=1)
    outside = _TAU_SYN * EXTERNAL_RATE * EXTERNAL * one
    root = np.sqrt(thinned)
    constant = (1 - root) * internal + (outside if drive == "dc" else (1 - root) * outside)
    return weights / root, float(one / root), constant


def _weight(mean: float) -> Normal:
    """A weight that does not change its sign."""
    spread = abs(mean) * _SPREAD
    return Normal(mean, spread, low=0.0) if mean > 0 else Normal(mean, spread, high=0.0)
