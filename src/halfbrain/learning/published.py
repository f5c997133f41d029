"""Data sets published as four IDX files: found on this machine or downloaded, and checked."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pooch
import requests
from numpy.typing import NDArray
from platformdirs import user_cache_path

from halfbrain.errors import DataError
from halfbrain.learning.idx import read_idx

Told = Callable[[str, int, int], object]  # file, bytes so far, bytes in all (0: unknown)
_SECONDS = 30  # without a byte from a home


@dataclass(frozen=True)
class File:
    """A file with its SHA-256: as it is published, compressed, and unpacked where that is known."""

    name: str
    packed: str
    unpacked: str | None
    items: int


@dataclass(frozen=True)
class Published:
    """A data set: its folder's name, its title, the homes it is fetched from, its four files."""

    name: str
    title: str
    homes: tuple[str, ...]
    files: Mapping[str, File]


@dataclass(frozen=True, eq=False)
class Digits:
    """Images (images, 784), 0 dark to 255 bright, and what they show (images), 0 to 9."""

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


def load_published(of: Published, told: Told = lambda name, done, total: None) -> Digits:
    """A data set from where it is or from where it is published; see :func:`published_folder`.

    Raises
    ------
    DataError
        one line, if it is not to be had or is not what was published.
    """
    folder = published_folder(of, told)
    arrays = {}
    for role, file in of.files.items():
        place = _place(folder, file)
        if file.unpacked is None and _sha256(place) != file.packed:
            raise DataError(f"{place}: its SHA-256 is not the published one; get it again")
        array = read_idx(place, file.unpacked)
        shape = (file.items, 28, 28) if "images" in role else (file.items,)
        if array.shape != shape or array.dtype != np.uint8:
            raise DataError(
                f"{place}: holds {array.dtype.name} of shape {array.shape}, where {of.title} "
                f"has uint8 of shape {shape}; get it again"
            )
        arrays[role] = array.reshape(file.items, -1) if "images" in role else array
    return Digits(**arrays)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def published_folder(of: Published, told: Told = lambda name, done, total: None) -> Path:
    """The folder with a data set's four files, compressed or not.

    ``HALFBRAIN_DATA`` names that folder or the one above it (``mnist``). Where it is not set, the
    files are downloaded, once, into the user's cache (or ``HALFBRAIN_CACHE``).

    Raises
    ------
    DataError
        one line, if they are not there, or cannot be downloaded.
    """
    given = os.environ.get("HALFBRAIN_DATA")
    if given:
        for folder in (Path(given), Path(given) / of.name):
            if all(_place(folder, file).is_file() for file in of.files.values()):
                return folder
        raise DataError(
            f"HALFBRAIN_DATA={given}: neither it nor its folder {of.name} has "
            f"{', '.join(file.name for file in of.files.values())} "
            f"(.gz{' or not' if all(f.unpacked for f in of.files.values()) else ''}); "
            f"unset it to have them downloaded"
        )
    cache = Path(os.environ.get("HALFBRAIN_CACHE") or user_cache_path("halfbrain")) / of.name
    for file in of.files.values():
        if not _place(cache, file).is_file():
            _download(of, file, cache, told)
    return cache


def _place(folder: Path, file: File) -> Path:
    """Where a file is, or would be."""
    plain = folder / file.name
    if file.unpacked is not None and plain.is_file():
        return plain
    return folder / f"{file.name}.gz"


def _download(of: Published, file: File, folder: Path, told: Told) -> None:
    name = f"{file.name}.gz"
    pooch.get_logger().setLevel(logging.ERROR)
    why = []
    for home in of.homes:
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
        f"get {of.title}'s four files elsewhere and set HALFBRAIN_DATA to their folder"
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
