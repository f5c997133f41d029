"""The keyword network in plain NumPy, which multiplies every zero: single precision and 8 bits."""

import numpy as np


def convolved(image, weights):
    """``(side, side, channels)`` with ``(kernels, 25 * channels)``, in double precision."""
    k, out = 5, image.shape[0] - 4
    shaped = weights.reshape(len(weights), k, k, -1).astype(float)
    total = np.zeros((out, out, len(weights)))
    for y in range(k):
        for x in range(k):
            total += image[y : y + out, x : x + out].astype(float) @ shaped[:, y, x].T
    return total


def pooled(x):
    return np.max([x[i::2, j::2] for i in (0, 1) for j in (0, 1)], axis=0)


def winning_mask(x, k):
    """Which are the k largest along the last axis; of equal ones the first."""
    first = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    mask = np.zeros(x.shape, bool)
    np.put_along_axis(mask, first, True, axis=-1)
    return mask


def winning(x, k):
    """The k largest along the last axis, others zero."""
    return np.where(winning_mask(x, k), x, 0)


def plain(network, image, activation=winning):
    """The scores, and what the first and second convolutions and the units give on."""
    one, two, three, four = network.weights
    a = activation(pooled(convolved(image[:, :, None], one) + network.biases[0]), 6)
    b = activation(pooled(convolved(a, two) + network.biases[1]), 8)
    c = activation(three.astype(float) @ b.ravel(), 150)
    return four.astype(float) @ c, (a, b, c)


def stepped(sums, layer):
    """Sums in finer steps, as the layer has them."""
    return np.rint(sums.astype(np.float32) * layer.scale).astype(np.int64)


def answered(fine, layer, k):
    """What a layer gives on, 0 to 255; ``k`` winners, or all where it is None."""
    steps = np.clip((fine + (1 << layer.bits >> 1)) >> layer.bits, 0, 255)
    return steps if k is None else np.where(winning_mask(fine, k), steps, 0)


def plain8(network, image):
    """The scores in 8 bits, in whole numbers of 64 bits, and what each layer gives on."""
    one, two, three, four = network.layers
    kept = (None, None, None) if network.rectified else (6, 8, 150)
    x = np.clip(np.rint(image * np.float32(1 / network.image_step)) + 128, 0, 255)
    sums = np.rint(convolved(x[:, :, None], one.weights)).astype(np.int64)
    a = answered(stepped(pooled(sums + one.begin), one), one, kept[0])
    sums = np.rint(convolved(a, two.weights)).astype(np.int64)
    b = answered(stepped(pooled(sums + two.begin), two), two, kept[1])
    c = answered(stepped(three.weights.astype(np.int64) @ b.ravel(), three), three, kept[2])
    scores = (four.weights.astype(np.int64) @ c).astype(np.float32) * four.scale
    return scores, (a, b, c)
