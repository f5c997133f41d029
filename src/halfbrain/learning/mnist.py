"""MNIST: 70,000 handwritten digits, found on this machine or downloaded, and checked.

LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist; LeCun et al. 1998, doi 10.1109/5.726791.
That page no longer hands the files out; they are fetched from two copies that torchvision and
TensorFlow Datasets use.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pooch
import requests
from numpy.typing import NDArray
from platformdirs import user_cache_path

from halfbrain.errors import DataError
from halfbrain.learning.idx import read_idx

SIDE, CLASSES = 28, 10
HOMES = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
Told = Callable[[str, int, int], object]  # file, bytes so far, bytes in all (0: unknown)
_SECONDS = 30  # without a byte from a home


@dataclass(frozen=True)
class File:
    """A file with its SHA-256: as it is published, compressed, and unpacked."""

    name: str
    packed: str
    unpacked: str
    items: int


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


@dataclass(frozen=True, eq=False)
class Digits:
    """Images (images, 784), 0 dark to 255 bright, and what they show (images), 0 to 9."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


def load_mnist(told: Told = lambda name, done, total: None) -> Digits:
    """MNIST, from where it is or from where it is published; see :func:`mnist_folder`.

    Raises
    ------
    DataError
        one line, if it is not to be had or is not what was published.
    """
    folder = mnist_folder(told)
    arrays = {}
    for role, file in FILES.items():
        array = read_idx(_place(folder, file), file.unpacked)
        arrays[role] = array.reshape(file.items, -1) if "images" in role else array
    return Digits(**arrays)


def mnist_folder(told: Told = lambda name, done, total: None) -> Path:
    """The folder with MNIST's four files, compressed or not.

    ``HALFBRAIN_DATA`` names that folder or the one above its ``mnist``. Where it is not set, the
    files are downloaded, once, into the user's cache (or ``HALFBRAIN_CACHE``).

    Raises
    ------
    DataError
        one line, if they are not there, or cannot be downloaded.
    """
    given = os.environ.get("HALFBRAIN_DATA")
    if given:
        for folder in (Path(given), Path(given) / "mnist"):
            if all(_place(folder, file).is_file() for file in FILES.values()):
                return folder
        raise DataError(
            f"HALFBRAIN_DATA={given}: neither it nor its folder mnist has "
            f"{', '.join(file.name for file in FILES.values())} (.gz or not); "
            f"unset it to have them downloaded"
        )
    cache = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / "mnist"
    for file in FILES.values():
        if not _place(cache, file).is_file():
            _download(file, cache, told)
    return cache


def _place(folder: Path, file: File) -> Path:
    """Where a file is, or would be."""
    plain = folder / file.name
    return plain if plain.is_file() else folder / f"{file.name}.gz"


def _download(file: File, folder: Path, told: Told) -> None:
    name = f"{file.name}.gz"
    pooch.get_logger().setLevel(logging.ERROR)
    why = []
    for home in HOMES:
        bar = _Bar(name, told)
        fetch = pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=_SECONDS)
        try:
            pooch.retrieve(home + name, f"sha256:{file.packed}", name, folder, downloader=fetch)
        except requests.RequestException as error:
            answer = error.response
            why.append(f"{home}: {answer.status_code if answer is not None else 'no answer'}")
        except ValueError:  # pooch's word for another checksum; it keeps nothing then
            why.append(f"{home}: its SHA-256 is not the published one")
        except OSError as error:
            raise DataError(f"{folder}: {name} cannot be kept there: {error.strerror}") from None
        else:
            return
    raise DataError(
        f"{name} cannot be downloaded ({'; '.join(why)}); "
        f"get MNIST's four files elsewhere and set HALFBRAIN_DATA to their folder"
    )


class _Bar:
    """What pooch tells of a download, passed on a few times a second."""

    def __init__(self, name: str, told: Told) -> None:
        self.total = 0
        self._name, self._told, self._done, self._at = name, told, 0, 0.0

    def update(self, size: int) -> None:
        self._done = min(self._done + size, self.total or self._done + size)
        if time.monotonic() - self._at > 0.1 or self._done == self.total:
            self._told(self._name, self._done, self.total)
            self._at = time.monotonic()

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """Nothing to close."""
