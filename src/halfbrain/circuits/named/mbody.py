"""The mushroom body of a locust, which learns to tell odours apart."""

from __future__ import annotations

import math

import numpy as np

from halfbrain.cells.catalogue import named_rule
from halfbrain.cells.hodgkin_huxley import MBODY_EKC, MBODY_IKC
from halfbrain.circuits.circuit import Circuit, Population, Projection, SpikeList
from halfbrain.circuits.named.size import share, whole
from halfbrain.connectivity.rule import AllToAll, Bernoulli
from halfbrain.connectivity.value import Mixture, Normal, Uniform, Value
from halfbrain.errors import CircuitError

PROJECTION_NEURONS = 100
EXTRINSIC = 100
MOST_INPUTS = 10_000  # intrinsic cells that one extrinsic cell hears, on average
_SCALE = 0.675  # of the weights, for sensible activity

_PATTERNS = 10
_ACTIVE = PROJECTION_NEURONS // 5
_PERTURBED = 0.1
_INTERVAL = 0.05  # seconds between patterns


def mbody(
    neurons: int = 2600, *, seconds: float = 1.0, plasticity: bool = True, seed: int = 1
) -> Circuit:
    """Mbody_example of Brian2GeNN's benchmarks, motivated by Nowotny et al. 2005.

    100 projection neurons play out patterns to intrinsic Kenyon cells, and these drive 100
    extrinsic Kenyon cells through plastic synapses. Brian2GeNN's scale s is 2,500 s intrinsic
    cells. Above 10,000 of them an extrinsic cell hears 10,000 on average, and its weights are as
    for 10,000.

    Parameters
    ----------
    neurons
        intrinsic and extrinsic Kenyon cells together; 100 of them are extrinsic.
    seconds
        length of the input.
    plasticity
        without it, the weights stay as they are drawn.
    seed
        of the input patterns.

    Raises
    ------
    CircuitError
        for 100 neurons or fewer, or for more than an hour of input.
    """
    neurons = whole("mbody", "neurons", neurons, EXTRINSIC + 1)
    seconds = share("mbody", "length in seconds", seconds, 3600)
    intrinsic = neurons - EXTRINSIC
    k = min(1.0, 2500 / min(intrinsic, MOST_INPUTS))
    w_max = 3.75 * k  # nS
    learning = named_rule("mbody_stdp", step=f"{0.1 * k!r} nS", w_max=f"{w_max!r} nS")
    rest: dict[str, Value] = {"V": "-63.56 mV", "h": 1.0, "n": 0.5}
    return Circuit(
        name="mbody",
        populations=(
            Population("PN", odours(seconds, seed), PROJECTION_NEURONS),
            Population("iKC", MBODY_IKC, intrinsic, rest),
            Population("eKC", MBODY_EKC, EXTRINSIC, rest),
        ),
        projections=(
            Projection(
                "PN",
                "iKC",
                "ex",
                Bernoulli(0.15),
                weight=Normal(f"{10 * _SCALE!r} nS", f"{1.25 * _SCALE!r} nS"),
            ),
            Projection(
                "iKC",
                "eKC",
                "ex",
                AllToAll() if intrinsic <= MOST_INPUTS else Bernoulli(MOST_INPUTS / intrinsic),
                weight=Mixture(
                    0.2,
                    Normal(f"{2.5 * k!r} nS", f"{0.5 * k!r} nS"),
                    Uniform(0.0, f"{w_max / 10 * k!r} nS"),
                ),
                plasticity=learning if plasticity else None,
            ),
            Projection("eKC", "eKC", "in", AllToAll(autapses=True), weight=f"{75 * _SCALE!r} nS"),
        ),
        source=MBODY_IKC.source.partition(":")[0],
    )


def odours(seconds: float, seed: int) -> SpikeList:
    """Spikes of the projection neurons: every 50 ms a variant of one of ten patterns.

    A pattern is 20 of the 100 neurons. In a variant each of them is left out with probability
    0.1, and as many neurons are drawn from all instead. All fire at once, 1 to 3 ms into the
    50 ms. The benchmark shows each pattern 10 times for each second of the run, in random order
    and the last ten in a row; what begins after the end of the run is not drawn here.

    Raises
    ------
    CircuitError
        for a seed below zero.
    """
    if seed < 0:
        raise CircuitError(f"circuit 'mbody': a seed of {seed}; it must be 0 or above")
    generator = np.random.default_rng(seed)
    shown = math.ceil(seconds / _INTERVAL)
    each = max(int(10 * seconds) - 10, math.ceil(shown / _PATTERNS))
    patterns = [
        generator.choice(PROJECTION_NEURONS, _ACTIVE, replace=False) for _ in range(_PATTERNS)
    ]
    order = generator.permutation(np.repeat(np.arange(_PATTERNS), each))[:shown]
    variants = []
    for pattern in order:
        left_out = int(generator.binomial(_ACTIVE, _PERTURBED))
        kept = generator.permutation(patterns[pattern])[left_out:]
        others = generator.integers(PROJECTION_NEURONS, size=left_out)
        variants.append(np.unique(np.concatenate([kept, others])))
    starts = np.arange(shown) * _INTERVAL + 1e-3 + generator.random(shown) * 2e-3
    times = np.repeat(starts, [len(variant) for variant in variants])
    neurons = np.concatenate(variants).astype(np.int64)
    return SpikeList(times[times < seconds], neurons[times < seconds])
