"""The keyword network in 8 bits against whole numbers of 64 bits in plain NumPy."""

import numba
import numpy as np
import pytest

from halfbrain.errors import RunError
from halfbrain.networks.inference import keyword, steps
from halfbrain.networks.inference.keyword import Keyword
from halfbrain.networks.inference.largest import nth
from halfbrain.networks.inference.network import Inference
from halfbrain.networks.inference.network8 import Inference8
from halfbrain.networks.inference.products import FOURS, PLAIN_FOURS
from halfbrain.networks.inference.quantised import quantise
from plain_keyword import plain8

WAYS = ("dense", "sparse-dense", "sparse-sparse")
IMAGES = keyword.spectrograms(24)


@pytest.fixture(scope="module")
def small():
    return quantise(keyword.keyword(), IMAGES)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_exactly_numpy(way, small):
    expected = np.array([plain8(small, image)[0] for image in IMAGES[:6]])
    assert (Inference8(small, way)(IMAGES[:6]) == expected).all()
    assert len(np.unique(expected)) > 50


def test_winners_tie_as_in_numpy():
    """Two inputs that differ, and weights of one size: most sums are equal to others."""
    drawn = keyword.keyword(4)
    network = Keyword(tuple(np.sign(w) for w in drawn.weights), drawn.biases, drawn.supports)
    images = np.sign(keyword.spectrograms(4, 2)).astype(np.float32)
    small = quantise(network, images)
    expected = np.array([plain8(small, image)[0] for image in images])
    for way in WAYS:
        assert (Inference8(small, way)(images) == expected).all()


def test_the_dense_twin_is_exactly_numpy_and_near_single_precision():
    network = keyword.keyword()
    small = quantise(network, IMAGES, rectified=True)
    found = Inference8(small, "dense")(IMAGES)
    assert (found[:4] == [plain8(small, image)[0] for image in IMAGES[:4]]).all()
    single = Inference(network, "dense", rectified=True)(IMAGES)
    assert np.corrcoef(found.ravel(), single.ravel())[0, 1] > 0.999
    assert found == pytest.approx(single, abs=0.1 * float(single.std()))
    with pytest.raises(RunError, match="rectifies instead"):
        Inference8(small, "sparse-sparse")


@pytest.mark.parametrize("way", WAYS)
def test_threads_and_batches_change_nothing(way, small):
    infer = Inference8(small, way)
    together = infer(IMAGES[:5])
    assert (infer(IMAGES[:5], threads=2) == together).all()
    assert (np.concatenate([infer(image[None]) for image in IMAGES[:5]]) == together).all()


def test_weights_are_within_half_a_step_and_symmetric(small):
    network = keyword.keyword()
    for layer, weights in zip(small.layers, network.weights, strict=True):
        step = np.abs(weights).max(axis=1) / 127
        assert (np.abs(weights - layer.weights * step[:, None]) <= 0.501 * step[:, None]).all()
        assert (np.abs(layer.weights.astype(int)).max(axis=1) == 127).all()
        assert not layer.weights[weights == 0].any()


def test_no_sum_can_leave_the_bits_that_a_key_has(small):
    """Six bits of a key say which of 64 it is, so that 26 are left, one of them the sign."""
    for layer in small.layers[:3]:
        reach = 255 * np.abs(layer.weights.astype(np.int64)).sum(axis=1) + np.abs(layer.begin)
        assert (reach < 2**31).all()
        assert (reach * layer.scale.astype(float)).max() < 2**25


def test_products_are_those_of_fours(small):
    """Dense: all, and three beside the first convolution's last input; a place skips by four."""
    counts = {way: Inference8(small, way).run(IMAGES[:2])[1] / 2 for way in WAYS}
    assert counts["dense"] == 13_912_400 + 784 * 64 * 3
    assert counts["sparse-dense"] == 1_996_112
    winners = 100 * 25 * 6 * 8 * 4 + 25 * 8 * 60 * 4
    assert counts["sparse-sparse"] == 784 * 64 * 12 + winners + 12 * 1500


def test_a_quarter_of_the_bytes_is_held(small):
    network = keyword.keyword()
    for way in WAYS[:2]:
        # A four's offset, 8 bytes, is for a tile's kernels.
        assert Inference8(small, way).weight_bytes < 0.27 * Inference(network, way).weight_bytes


@pytest.mark.parametrize("kind", [FOURS, PLAIN_FOURS])
def test_products_by_four_with_and_without_the_processor_s_instruction(kind):
    rng = np.random.default_rng(0)
    weights = rng.integers(-127, 128, (1, 4, 16, 4)).astype(np.int8)
    x = rng.integers(0, 256, (5, 16)).astype(np.uint8)
    weights[0, :, 0], x[0] = -127, 255  # the largest that there are
    sums = np.zeros((5, steps.ROOM), np.int32)
    layer = steps.linear(16, 2, 16, 1, 16, kind)
    layer(x, np.arange(0, 16, 4)[None], weights, sums)
    laid = weights[0].transpose(1, 0, 2).reshape(16, 16).astype(int)
    assert (sums[:, :16] == x.astype(int) @ laid.T).all()


@pytest.mark.parametrize("count", [1, 6, 8])
def test_the_nth_largest_key(count):
    find = nth(count)

    @numba.njit
    def least(keys):
        return find(keys.ctypes.data)

    rng = np.random.default_rng(1)
    for _ in range(50):
        keys = rng.permutation(np.arange(-40, 40))[:64].astype(np.int32)
        assert least(keys) == np.sort(keys)[-count]


def test_images_that_say_nothing_are_one_line():
    with pytest.raises(RunError, match="answers nothing"):
        quantise(keyword.keyword(), np.zeros((2, 32, 32), np.float32))
    with pytest.raises(RunError, match=r"give \(samples, 32, 32\)"):
        Inference8(quantise(keyword.keyword(), IMAGES), "dense")(np.zeros((2, 28, 28)))
