"""Pictures: scikit-learn's digits, MNIST, Fashion-MNIST."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import DataError
from halfbrain.learning.fashion import load_fashion_mnist
from halfbrain.learning.mnist import SIDE, load_mnist
from halfbrain.learning.order import order
from halfbrain.learning.published import Digits, Told
from halfbrain.learning.tasks.task import Examples, Part, Task

_SPLIT = 5_000  # the seed of which digits are for the test: the same for everybody
_TESTED = 0.25


def examples(x: NDArray[np.number], y: NDArray[np.number], top: float) -> Examples:
    """Examples of numbers from 0 to ``top``."""
    return Examples((np.asarray(x) / top).astype(np.float32), np.asarray(y).astype(np.int64))


def digits() -> Task:
    """Handwritten digits, 8 x 8 pixels, 1,797 of them: scikit-learn has them with it.

    The test half of UCI's "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak 1998,
    doi 10.24432/C50P49); a quarter, the same always, is kept for testing.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise DataError("digits: needs scikit-learn (pip install scikit-learn)") from None
    x, y = load_digits(return_X_y=True)
    every = examples(x, y, 16)
    shuffled = order(len(every), _SPLIT, 0)
    tested = round(_TESTED * len(every))
    part = Part(every.take(shuffled[tested:]), every.take(shuffled[:tested]))
    return Task("digits", "digits, 8 x 8", "doi 10.24432/C50P49", (8, 8), 10, (part,))


def mnist(told: Told) -> Task:
    """MNIST; the tests are the published 10,000."""
    return _published("mnist", "MNIST", "doi 10.1109/5.726791", load_mnist(told))


def fashion_mnist(told: Told) -> Task:
    """Fashion-MNIST; the tests are the published 10,000."""
    return _published(
        "fashion-mnist", "Fashion-MNIST", "arXiv 1708.07747", load_fashion_mnist(told)
    )


def _published(name: str, title: str, source: str, of: Digits) -> Task:
    part = Part(
        examples(of.train_images, of.train_labels, 255),
        examples(of.test_images, of.test_labels, 255),
    )
    return Task(name, title, source, (SIDE, SIDE), 10, (part,))
