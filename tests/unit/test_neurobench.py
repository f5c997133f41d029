"""Our counters on NeuroBench's baselines, beside the figures that NeuroBench published.

Published: the comments under its example scripts and its leaderboards (github.com/NeuroBench/
neurobench, May 2026).
"""

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="networks need JAX (pip install halfbrain[networks])")
eqx = pytest.importorskip(
    "equinox", reason="networks need Equinox (pip install halfbrain[networks])"
)
import jax.numpy as jnp

from halfbrain.cells.integrate_and_fire import LIF_DELTA
from halfbrain.networks.effective import effective
from halfbrain.networks.neurobench import (
    M5,
    Lstm,
    Reaching,
    SpeechSpikes,
    SpikingReaching,
    footprint,
)
from halfbrain.networks.spiking import NeuronStep

KEY = jax.random.key(0)
NEURON = NeuronStep.of(LIF_DELTA, 4e-3, 0.02)
SPEECH = {"inputs": 1, "channels": 32, "classes": 35, "first": 80, "stride": 16, "pool": 4}
FEW_SHOT = {"inputs": 20, "channels": 256, "classes": 200, "first": 4, "stride": 2, "pool": 2}


def drawn(*shape):
    return jax.random.normal(KEY, shape)


def fired(rate, *shape):
    return (jax.random.uniform(KEY, shape) < rate).astype(jnp.float32)


def moved(network):
    """Norms that have learnt a shift, so that what was rectified to zero is none any more."""
    return eqx.tree_at(
        lambda n: [norm.shift for norm in n.norms],
        network,
        replace_fn=lambda shift: shift + 0.1,
    )


@pytest.mark.parametrize(("channels", "dense", "held"), [(96, 4704, 20824), (192, 7776, 33496)])
def test_primate_reaching_by_rate(channels, dense, held):
    network = moved(Reaching.init(KEY, channels))
    found = effective(network, drawn(1, channels))
    assert (found.dense, footprint(network)) == (dense, held)
    assert (found.macs, found.acs) == (dense, 0)


@pytest.mark.parametrize(("channels", "dense", "held"), [(96, 4900, 19648), (192, 9700, 38848)])
def test_primate_reaching_by_spikes(channels, dense, held):
    network = SpikingReaching.init(KEY, channels, NEURON)
    spikes = fired(0.06, 40, 1, channels)
    found = effective(network, spikes)
    assert found.dense == 40 * dense
    # Beside the weights PyTorch's neurons hold six numbers each, of two layers.
    assert footprint(network) == held - 2 * 6 * 4
    made = network.layer(spikes)
    assert found.macs == 0
    assert found.acs == 50 * int(spikes.sum()) + 2 * int(made.sum())
    assert made.sum() > 0


def test_few_shot_keywords():
    network = M5.init(KEY, **FEW_SHOT)
    found = effective(network, drawn(1, 201, 20))
    assert f"{found.dense:.2e}" == "2.59e+07"
    assert f"{footprint(network):.2e}" == "6.03e+06"
    assert found.acs == 0


def test_speech_commands_by_convolution():
    network = M5.init(KEY, **SPEECH)
    found = effective(network, drawn(1, 8000, 1))
    assert (found.dense, footprint(network)) == (1_880_256, 109_228)
    # Rectifiers, then the largest of four: few of the products are with zero (published 92 %).
    assert 0.85 < found.density < 1


def test_speech_commands_by_spikes():
    network = SpeechSpikes.init(KEY, NEURON)
    spikes = fired(0.3, 200, 1, 20)
    found = effective(network, spikes)
    assert found.dense == 29_030_400
    # Of published 583,900 bytes 80 are of four layers of neurons, five numbers each.
    assert footprint(network) == 583_900 - 4 * 5 * 4
    assert found.macs == 0
    assert 0 < found.acs < found.dense


@pytest.mark.parametrize(
    ("units", "dense", "published"), [(40, 4 * 40 * 90 + 40, 14_560), (100, 60_100, 60_300)]
)
def test_a_chaotic_series(units, dense, published):
    """NeuroBench adds the cell's own products, three for a unit; ours are those of weights."""
    network = Lstm.init(KEY, 50, units)
    found = effective(network, drawn(1, 50), drawn(1, units), drawn(1, units))
    assert found.dense == dense
    assert dense + 3 * units == pytest.approx(published, rel=2e-3)
    if units == 100:  # held in double precision there
        assert f"{2 * footprint(network):.2e}" == "4.90e+05"


def test_zeros_of_a_network_s_inputs_are_left_out():
    network = moved(Reaching.init(KEY, 96))
    counts = jnp.asarray(np.random.default_rng(0).poisson(0.5, (64, 96)), jnp.float32)
    found = effective(network, counts)
    there = int((counts != 0).sum())
    assert found.dense == 64 * 4704
    assert found.macs == 32 * there + 64 * (32 * 48 + 48 * 2)
