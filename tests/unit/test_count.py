"""The count of a JAX program: closed forms, XLA's own analysis, and every nesting."""

from collections import Counter

import pytest

jax = pytest.importorskip("jax", reason="networks need JAX (pip install halfbrain[networks])")
pytest.importorskip("equinox", reason="networks need Equinox (pip install halfbrain[networks])")
import jax.numpy as jnp

from halfbrain.cells.integrate_and_fire import LIF_DELTA
from halfbrain.errors import ModelError
from halfbrain.networks.convolution import Cnn
from halfbrain.networks.count import count
from halfbrain.networks.dendrites import ActiveDendrites
from halfbrain.networks.effective import effective
from halfbrain.networks.mlp import Mlp
from halfbrain.networks.spiking import NeuronStep, Spiking
from halfbrain.networks.training import loss
from halfbrain.networks.transformer import Transformer

KEY = jax.random.key(0)

A = jax.ShapeDtypeStruct((5, 7), jnp.float32)
B = jax.ShapeDtypeStruct((7, 11), jnp.float32)


def xla(function, *args):
    analysis = jax.jit(function).lower(*args).compile().cost_analysis()
    return analysis[0] if isinstance(analysis, list) else analysis


def test_a_product_of_matrices_takes_two_m_n_k():
    counted = count(jnp.matmul, A, B)
    assert counted.operations == {"fused": 5 * 7 * 11}
    assert counted.flop == 2 * 5 * 7 * 11
    assert counted.bytes == 4 * (5 * 7 + 7 * 11 + 5 * 11)


def test_batched_products_count_each():
    left, right = (jax.ShapeDtypeStruct((3, *x.shape), jnp.float32) for x in (A, B))
    assert count(jnp.matmul, left, right).flop == 3 * 2 * 5 * 7 * 11


def test_a_gradient_of_a_product_takes_two_more():
    forward = count(lambda a, b: jnp.sum(a @ b), A, B).operations["fused"]
    both = count(jax.grad(lambda a, b: jnp.sum((a @ b) ** 2), (0, 1)), A, B).operations["fused"]
    assert both == 3 * forward


def test_convolution_against_its_closed_form_and_xla():
    x = jax.ShapeDtypeStruct((2, 8, 8, 3), jnp.float32)
    kernel = jax.ShapeDtypeStruct((3, 3, 3, 4), jnp.float32)

    def of(x, kernel):
        dims = ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=dims)

    assert count(of, x, kernel).flop == 2 * (2 * 6 * 6 * 4) * (3 * 3 * 3)
    assert count(of, x, kernel).flop == xla(of, x, kernel)["flops"]


def test_elementwise_kinds():
    def of(x):
        return jnp.where(x > 0, jnp.exp(-x) / (1 + x), jnp.sqrt(x * x)) + jnp.tanh(x) ** 3

    n = 35
    assert count(of, A).operations == Counter(
        compare=n, exp=n, add=3 * n, divide=n, multiply=3 * n, root=n, select=n, trigonometric=n
    )


def test_whole_numbers_are_no_arithmetic():
    assert count(lambda i: i * 2 + 1, jax.ShapeDtypeStruct((9,), jnp.int32)).flop == 0


def test_sums_take_one_less_than_they_sum():
    assert count(lambda a: jnp.sum(a, axis=1), A).operations == {"add": 5 * 6}


def test_loops_and_branches():
    def scanned(x):
        return jax.lax.scan(lambda c, _: (c @ c, None), x, length=6)[0]

    def dearest(x):
        return jax.lax.cond(x[0, 0] > 0, lambda x: x @ x, lambda x: x, x)

    def turned(x):
        return jax.lax.while_loop(lambda x: x[0, 0] < 1, lambda x: x @ x, x)

    square = jax.ShapeDtypeStruct((4, 4), jnp.float32)
    once = 4 * 4 * 4
    assert count(scanned, square).operations["fused"] == 6 * once
    assert count(dearest, square).operations["fused"] == once
    assert count(turned, square, trips=3).operations["fused"] == 3 * once
    with pytest.raises(ModelError, match="give trips"):
        count(turned, square)


def test_through_jit_checkpoint_and_custom_rules():
    @jax.custom_jvp
    def jumped(x):
        return x @ x

    jumped.defjvp(lambda given, change: (jumped(given[0]), change[0]))

    @jax.custom_vjp
    def pulled(x):
        return x @ x

    pulled.defvjp(lambda x: (x @ x, x), lambda x, g: (g,))
    square = jax.ShapeDtypeStruct((4, 4), jnp.float32)
    for function in (jax.jit(jumped), jax.jit(pulled), jax.checkpoint(lambda x: x @ x)):
        assert count(function, square).operations["fused"] == 64
    assert count(jax.grad(lambda x: jnp.sum(pulled(x))), square).operations["fused"] == 64


def test_what_is_not_known_is_said():
    with pytest.raises(ModelError, match="'lu' costs is not known"):
        count(lambda x: jax.scipy.linalg.lu_factor(x)[0], jax.ShapeDtypeStruct((4, 4), jnp.float32))


@pytest.mark.parametrize("gradient", [False, True])
def test_a_network_against_xla(gradient):
    network = Mlp.init(jax.random.key(0), (64, 128, 10))
    x = jax.ShapeDtypeStruct((32, 64), jnp.float32)
    labels = jax.ShapeDtypeStruct((32,), jnp.int32)

    def value(layers, x, labels):
        return loss(Mlp(layers), x, labels)

    function = jax.grad(value) if gradient else value
    ours = count(function, network.layers, x, labels)
    products = 2 * 32 * (64 * 128 + 128 * 10)
    if gradient:  # the input needs none
        products += 2 * 32 * (64 * 128 + 2 * 128 * 10)
    assert 2 * ours.operations["fused"] == products
    theirs = xla(function, network.layers, x, labels)
    # XLA drops and joins a few elementwise operations; it counts exp and log apart.
    assert ours.flop == pytest.approx(theirs["flops"] + theirs["transcendentals"], rel=0.02)


def test_a_transformer_takes_six_n_d():
    """Kaplan et al. 2020, arXiv 2001.08361, table 1: forward 2 N a token, backward twice that.

    N is the blocks' weights; attention's scores and sums (4 x length x width a token and block,
    forward) and the embedding's product stand beside it.
    """
    width, length, vocabulary, blocks, batch = 128, 32, 64, 2, 3
    model = Transformer.init(
        KEY, vocabulary=vocabulary, length=length, width=width, heads=4, blocks=blocks
    )
    assert model.parameters == 12 * width**2 * blocks
    tokens = jnp.zeros((batch, length), jnp.int32)

    def value(model):
        return loss(model, tokens, tokens)

    n_d = model.parameters * batch * length
    beside = batch * length * (4 * length * width * blocks + 2 * width * vocabulary)
    forward = 2 * count(value, model).operations["fused"]
    both = 2 * count(jax.grad(value), model).operations["fused"]
    assert forward == 2 * n_d + beside
    assert both - 3 * beside == pytest.approx(6 * n_d, rel=0.02)
    assert count(jax.grad(value), model).flop == pytest.approx(6 * n_d + 3 * beside, rel=0.1)


def test_a_transformer_looks_at_the_past_alone():
    model = Transformer.init(KEY, vocabulary=9, length=8, width=16, heads=2, blocks=2)
    tokens = jax.random.randint(KEY, (1, 8), 0, 9)
    other = tokens.at[0, 5].set((tokens[0, 5] + 1) % 9)
    told = jax.jit(lambda tokens: model(tokens))
    same = jnp.isclose(told(tokens), told(other), atol=1e-7).all(axis=-1)[0]
    assert same.tolist() == [True] * 5 + [False] * 3


def test_a_convolutional_network_against_its_closed_form():
    network = Cnn.init(KEY)
    x = jnp.zeros((2, 784))
    products = 24 * 24 * 16 * 25 + 8 * 8 * 32 * 25 * 16 + 4 * 4 * 32 * 10
    assert count(lambda n, x: n(x), network, x).operations["fused"] == 2 * products


def test_effective_products_are_those_without_a_zero():
    network = ActiveDendrites.init(KEY, 3, (20, 60, 40, 5), context=20, on=0.1)
    x = jax.random.normal(KEY, (7, 20)) * (jax.random.uniform(KEY, (7, 20)) < 0.3)
    context = jax.random.normal(jax.random.key(2), (1, 20))
    found = effective(lambda n, x, c: n(x, c), network, x, context)
    active, expected = x, 0
    for layer in network.layers:
        weight = layer.linear.weight
        expected += int(((active != 0).astype(int) @ (weight.T != 0).astype(int)).sum())
        expected += layer.segments.size
        active = jax.jit(lambda x, layer=layer: layer(x, context, 0))(active)
    expected += int(((active != 0).astype(int) @ (network.top.weight.T != 0).astype(int)).sum())
    assert found.effective == found.macs == expected
    assert found.dense == count(lambda n, x, c: n(x, c), network, x, context).operations["fused"]
    assert 0 < found.density < 1


def test_effective_products_through_loops_and_branches():
    sparse = jnp.array([[0.0, 2.0], [0.0, 3.0]])

    def scanned(x):
        return jax.lax.scan(lambda c, row: (c, c @ row), x, jnp.eye(2))[1]

    def turned(x):
        return jax.lax.fori_loop(0, jnp.int32(3), lambda i, x: x @ x, x)

    def taken(x):
        return jax.lax.cond(x[0, 0] > 1, lambda x: x @ x, lambda x: x, x)

    assert effective(scanned, sparse).effective == 2
    assert effective(scanned, sparse).acs == 2
    assert effective(turned, sparse).effective == 3 * 2
    assert effective(taken, sparse) == effective(lambda x: x, sparse)
    backward = effective(jax.grad(lambda w: jnp.sum((sparse @ w) ** 2)), jnp.ones((2, 2)))
    assert (backward.dense, backward.effective) == (16, 8)


def test_spikes_only_accumulate():
    layer = Spiking.init(KEY, 10, 6, NeuronStep.of(LIF_DELTA, 1e-3, 0.02))
    spikes = (jax.random.uniform(KEY, (15, 2, 10)) < 0.2).astype(float)
    found = effective(lambda n, x: n(x), layer, spikes)
    assert (found.macs, found.acs, found.dense) == (0, int(spikes.sum()) * 6, 15 * 2 * 10 * 6)
