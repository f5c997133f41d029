"""MNIST: 70,000 handwritten digits, found on this machine or downloaded, and checked.

LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist; LeCun et al. 1998, doi 10.1109/5.726791.
That page no longer hands the files out; they are fetched from two copies that torchvision and
TensorFlow Datasets use.
"""

from __future__ import annotations

from halfbrain.learning.published import Digits, File, Published, Told, load_published

__all__ = ["CLASSES", "FILES", "HOMES", "SIDE", "Digits", "File", "load_mnist"]

SIDE, CLASSES = 28, 10
HOMES: tuple[str, ...] = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
FILES = {
    "train_images": File(
        "train-images-idx3-ubyte",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        60_000,
    ),
    "train_labels": File(
        "train-labels-idx1-ubyte",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        60_000,
    ),
    "test_images": File(
        "t10k-images-idx3-ubyte",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        10_000,
    ),
    "test_labels": File(
        "t10k-labels-idx1-ubyte",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        10_000,
    ),
}


def load_mnist(told: Told = lambda name, done, total: None) -> Digits:
    """MNIST, from ``HALFBRAIN_DATA``, or the cache, or its homes.

    Raises
    ------
    DataError
        one line, if it is not to be had or is not what was published.
    """
    return load_published(Published("mnist", "MNIST", HOMES, FILES), told)
