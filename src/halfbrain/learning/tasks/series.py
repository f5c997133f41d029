"""MNIST-1D: ten shapes as series of 40 numbers, shifted, stretched, sheared and noisy.

Greydanus and Kobak 2020, arXiv 2011.14439: small enough to be learnt in seconds, and hard enough
that linear, fully connected and convolutional networks differ (32, 68 and 94 % in the paper).
"""

from __future__ import annotations

import contextlib
import io

import numpy as np

from halfbrain.errors import DataError
from halfbrain.learning.tasks.task import Examples, Part, Task


def mnist_1d() -> Task:
    """MNIST-1D as its package makes it by default: 4,000 examples and 1,000 tests, seed 42.

    It is generated, not downloaded. Its numbers, of mean 0 and variance 1, are clipped at three
    standard deviations and scaled to 0 to 1.
    """
    try:
        from mnist1d.data import get_dataset_args, make_dataset
    except ImportError:
        raise DataError("mnist-1d: needs the package mnist1d (pip install mnist1d)") from None
    before, quiet = np.random.get_state(), io.StringIO()
    try:
        with contextlib.redirect_stdout(quiet):
            made = make_dataset(get_dataset_args())
    finally:
        np.random.set_state(before)  # it seeds the generator that all share

    def of(x: str, y: str) -> Examples:
        scaled = np.clip(0.5 + made[x] / 6, 0, 1).astype(np.float32)
        return Examples(scaled, made[y].astype(np.int64))

    part = Part(of("x", "y"), of("x_test", "y_test"))
    return Task("mnist-1d", "MNIST-1D", "arXiv 2011.14439", (made["x"].shape[1],), 10, (part,))
