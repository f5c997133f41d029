"""The keyword network's kernels against plain NumPy, which multiplies every zero."""

import numpy as np
import pytest

from halfbrain.errors import ModelError, RunError
from halfbrain.networks.inference import keyword, steps
from halfbrain.networks.inference.keyword import Complementary, Keyword
from halfbrain.networks.inference.network import Inference
from plain_keyword import convolved, plain

WAYS = ("dense", "sparse-dense", "sparse-sparse")


def whole(seed):
    """A network and images of small whole numbers, whose sums single precision holds exactly."""
    rng = np.random.default_rng(seed)
    drawn = keyword.keyword(seed)
    weights = tuple(np.sign(w) for w in drawn.weights)
    biases = tuple(rng.integers(-3, 4, 64).astype(np.float32) for _ in range(2))
    images = rng.integers(-2, 3, (11, 32, 32)).astype(np.float32)
    return Keyword(weights, biases, drawn.supports), images


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_way_is_exactly_numpy(way, seed):
    """Whole numbers tie often, so that this holds the rule for ties too."""
    network, images = whole(seed)
    expected = np.array([plain(network, image)[0] for image in images])
    assert np.abs(expected).max() < 2**24
    found = Inference(network, way)(images)
    assert (found == expected).all()
    assert len(np.unique(expected)) > 50


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_numpy_but_for_rounding(way):
    network, images = keyword.keyword(3), keyword.spectrograms(9, 3)
    expected = np.array([plain(network, image)[0] for image in images])
    assert Inference(network, way)(images) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_the_dense_twin_rectifies():
    network, images = whole(2)
    expected = [plain(network, i, lambda x, k: np.maximum(x, 0))[0] for i in images]
    assert np.abs(expected).max() < 2**24
    assert (Inference(network, "dense", rectified=True)(images) == expected).all()
    with pytest.raises(RunError, match="cannot be rectified"):
        Inference(network, "sparse-sparse", rectified=True)


@pytest.mark.parametrize("way", WAYS)
def test_threads_and_batches_change_nothing(way):
    infer = Inference(keyword.keyword(), way)
    images = keyword.spectrograms(13)
    together = infer(images)
    assert (infer(images, threads=2) == together).all()
    assert (np.concatenate([infer(image[None]) for image in images]) == together).all()


def test_the_paper_s_totals():
    """Parameters of Hunter et al. 2021: 2,522,128 dense and 127,696 sparse."""
    network = keyword.keyword()
    assert network.parameters == 127_696
    assert sum(w.size for w in network.weights) + 128 == 2_522_128


def test_kernels_of_different_groups_share_no_input():
    for layer, weights, support in zip(
        keyword.SPARSE, keyword.keyword(5).weights, keyword.keyword(5).supports, strict=True
    ):
        assert len(np.unique(support)) == support.size
        each = layer.kernels // layer.groups
        for group in range(layer.groups):
            own = weights[group * each : (group + 1) * each]
            outside = np.setdiff1d(np.arange(layer.inputs), support[group])
            assert not own[:, outside].any()
            assert own[:, support[group]].all()
    with pytest.raises(ModelError, match="do not divide"):
        Complementary(100, 10, 4, 30)


def test_products_are_those_of_weights_and_winners_that_are_not_zero():
    network, images = keyword.keyword(), keyword.spectrograms(3)
    one, two, three, four = network.weights
    dense = 28**2 * one.size + 10**2 * two.size + three.size + four.size
    assert Inference(network, "dense").run(images)[1] == 3 * dense == 3 * 13_912_400
    filled = [w != 0 for w in network.weights]
    left = sum(n * int(f.sum()) for n, f in zip((28**2, 10**2, 1, 1), filled, strict=True))
    assert Inference(network, "sparse-dense").run(images)[1] == 3 * left
    expected = 0
    for image in images:
        a, b, c = plain(network, image)[1]
        expected += 28**2 * int(filled[0].sum()) + int(convolved(a != 0, filled[1]).sum())
        expected += int((filled[2] @ (b.ravel() != 0)[:, None].astype(int)).sum())
        expected += int((c != 0).sum()) * 12
    assert Inference(network, "sparse-sparse").run(images)[1] == expected


def test_fewer_bytes_are_held():
    held = [Inference(keyword.keyword(), way).weight_bytes for way in WAYS]
    assert held[0] > 4 * 2_522_000
    assert held[1] < held[0] / 15
    # Weights by input, a group's units to a whole vector.
    assert held[2] < held[0] / 10


def test_winners_among_equal_negative_and_signed_zeros():
    rng = np.random.default_rng(0)
    for drawn in (rng.integers(-2, 2, 1500), rng.normal(size=1500), np.full(1500, -1.5)):
        x = drawn.astype(np.float32)
        x[x == 0] *= rng.choice([-1, 1], (x == 0).sum()).astype(np.float32)
        indices, values = np.empty(150, np.int64), np.empty(150, np.float32)
        steps.unit_winners(x, 150, np.empty(1500, np.int32), indices, values)
        assert (indices == np.sort(np.argsort(-x, kind="stable")[:150])).all()
        assert (values == x[indices]).all()


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((2, 28, 28)), r"shape \(2, 28, 28\): give \(samples, 32, 32\)"),
        (np.full((1, 32, 32), np.nan), "not finite"),
    ],
)
def test_wrong_images_are_one_line(images, said):
    with pytest.raises(RunError, match=said):
        Inference(keyword.keyword(), "dense")(images)
