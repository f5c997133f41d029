"""Learners: as large as they say, as dear as they say, and they learn."""

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("equinox")
pytest.importorskip("optax")
pytest.importorskip("sklearn")

import jax
import jax.numpy as jnp

from halfbrain.errors import RunError
from halfbrain.learning import protocol
from halfbrain.learning.job import Job
from halfbrain.learning.learners import spiking, transformer
from halfbrain.learning.learners.catalogue import KINDS, kind
from halfbrain.learning.learners.sizes import Make, width, winners
from halfbrain.learning.learners.stdp import Stdp
from halfbrain.learning.tasks.catalogue import load_task
from halfbrain.networks.dendrites import Dendritic
from halfbrain.networks.linear import Linear

GRADIENT = [name for name in KINDS if name != "stdp"]


def made(name, task="digits", parameters=8000, units=None, knob=3e-3, seed=1, meter=None):
    return kind(name).make(Make(load_task(task), parameters, units, knob, 32, seed, meter))


def numbers(network):
    """Numbers that can change in a network: of a masked weight only those that are not held."""

    def of(part):
        if isinstance(part, Dendritic):
            return of(part.linear) + part.segments.size
        if isinstance(part, Linear):
            there = part.weight.size if part.mask is None else int(part.mask.sum())
            return there + part.bias.size
        real = hasattr(part, "dtype") and jnp.issubdtype(part.dtype, jnp.floating)
        return part.size if real else 0

    leaves = jax.tree.leaves(network, is_leaf=lambda part: isinstance(part, (Dendritic, Linear)))
    return sum(of(part) for part in leaves)


@pytest.mark.parametrize("name", GRADIENT)
@pytest.mark.parametrize("task", ["digits", "permuted-digits:3"])
def test_a_learner_has_the_parameters_that_it_says_and_no_more_than_asked(name, task):
    learner = made(name, task)
    assert numbers(learner._network) == learner.parameters
    assert 0.75 * 8000 < learner.parameters <= 8000


@pytest.mark.parametrize("name", GRADIENT)
def test_it_is_refused_where_the_budget_is_too_small(name):
    with pytest.raises(RunError, match=f"{name}: needs .* parameters at least, not 20"):
        made(name, parameters=20)


@pytest.mark.parametrize("name", GRADIENT)
def test_it_learns_digits_and_says_what_that_costs(name):
    run = protocol.run(job(name, samples=6400), None)
    assert run.accuracy > (0.8 if name == "mlp" else 0.5)
    assert run.points[0].samples == 128
    per_sample = run.points[-1].flop / 6400
    # Forward and backward through each weight at least, and not without the optimiser.
    assert per_sample > 4 * run.parameters * (0.3 if name == "dendrites" else 1)
    assert [p.flop / p.samples for p in run.points] == pytest.approx([per_sample] * len(run.points))
    if name in ("sparse", "spiking"):
        assert run.effective_share < 0.7
    assert 0 < run.effective_share <= 1


def test_an_mlps_flop_are_those_of_its_layers():
    run = protocol.run(job("mlp", samples=128, units=32), None)
    weights = 64 * 32 + 32 * 32 + 32 * 10
    # Forward, gradients of weights, gradients of all layers' inputs but the first's.
    products = 2 * (2 * weights + weights - 64 * 32)
    optimiser = 16 * (weights + 74) / 32
    assert products < run.points[-1].flop / 128 < products + optimiser + 10 * 74 + 200


def job(name, samples=640, knob=3e-3, task="digits", **more):
    defaults = {"distinct": None, "flop": None, "tuning": False, "tests": 200, "units": None}
    rest = defaults | {"parameters": 8000, "batch": 32, "seed": 1} | more
    return Job(task=task, learner=name, samples=samples, knob=knob, **rest)


def test_a_spiking_network_does_what_its_equations_say():
    network = spiking.Shown.init(jax.random.key(0), (3, 40, 30, 2))
    x = np.random.default_rng(0).uniform(size=3).astype(np.float32)
    into, later, top = network.into, network.later.layers[0], network.later.top
    current = np.asarray(into.weight, float) @ x + np.asarray(into.bias)
    v, w, before, then = np.zeros(40), np.zeros(30), np.zeros(40), np.zeros(30)
    read, fired, decay = 0, 0, np.exp(-0.1)
    for _ in range(20):  # what arrives, and what a spike takes, comes before a step's decay
        v = decay * (v + current - before)
        before = v > 1
        w = decay * (w + np.asarray(later.weight, float) @ before - then)
        then = w > 1
        read = read + np.asarray(top.weight, float) @ then + np.asarray(top.bias)
        fired += then.sum()
    assert fired > 20
    with jax.enable_x64():  # lest rounding decides who fires
        wide = jax.tree.map(lambda a: jnp.asarray(a, jnp.float64), network)
        found = wide(jnp.asarray(x[None], jnp.float64))[0]
    np.testing.assert_allclose(found, read / 20, rtol=1e-9, atol=1e-12)


def test_tokens_are_rows_or_pieces():
    assert transformer.tokens_of((8, 8)) == (8, 8)
    assert transformer.tokens_of((40,)) == (10, 4)
    assert transformer.tokens_of((7,)) == (7, 1)


def test_a_transformer_does_not_mix_samples_and_heeds_positions():
    network = transformer.Transformer.init(jax.random.key(0), 4, 3, 8, 5)
    x = jax.random.uniform(jax.random.key(1), (2, 12))
    both = network(x)
    np.testing.assert_allclose(network(x[1:]), both[1:], atol=1e-5)
    turned = x.reshape(2, 4, 3)[:, ::-1].reshape(2, 12)
    assert float(jnp.abs(network(turned) - both).max()) > 1e-4


def test_winners_are_five_per_cent_but_not_too_few():
    assert winners(2048) == 0.05
    assert winners(64) == 0.25
    assert winners(8) == 1


def test_width_is_the_largest_within_the_budget():
    assert width(100, lambda h: h * h, "x") == 10
    assert width(99, lambda h: h * h, "x") == 9


def test_spike_timing_learns_two_digits_and_is_metered():
    task = load_task("split-digits:5")
    part = task.parts[0]  # zeros and ones
    learner = Stdp(20, task.shape, 10, 63.75, 1, lambda simulation, trials: 7 * trials, 32)
    learner.begin(0, part.train)
    learner.train(part.train, np.arange(160))
    answers = learner.predict(part.test.x[:40])
    assert (answers == part.test.y[:40]).mean() > 0.7
    assert learner.flop() == 7 * 160
    assert learner.parameters == 20 * 785


def test_spike_timing_sees_pictures_enlarged_and_framed():
    learner = Stdp(10, (8, 8), 10, 63.75, 1, None, 32)
    x = np.zeros(64, np.float32)
    x[9] = 1  # the second row's second pixel
    picture = learner._picture(x).reshape(28, 28)
    assert picture[5:8, 5:8].min() == 255
    assert np.count_nonzero(picture) == 9


def test_spike_timing_needs_pictures_and_a_neuron_for_each_class():
    with pytest.raises(
        RunError, match="stdp: looks at pictures of up to 28 x 28 pixels, not at 40"
    ):
        Stdp(10, (40,), 10, 63.75, 1, None, 32)
    with pytest.raises(RunError, match="stdp: needs 7,850 parameters at least"):
        made("stdp", parameters=5000)
