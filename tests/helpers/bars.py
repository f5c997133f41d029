"""Images of bars, where there are no digits."""

import numpy as np


def bars(n, seed):
    """Images of one bright bar: ten places, upright or lying, with noise; and its place."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n).astype(np.uint8)
    images = rng.integers(0, 30, (n, 28, 28))
    for image, k in zip(images, labels, strict=True):
        at = 2 + 5 * (k % 5)
        (image if k < 5 else image.T)[at : at + 3] = rng.integers(180, 256)
    return images.reshape(n, 784).astype(np.uint8), labels
