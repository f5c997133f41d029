"""Floating-point numbers in less memory, at a stated error.

By zfp (Lindstrom 2014, doi 10.1109/TVCG.2014.2346458), which codes blocks of 4 x 4 x 4 numbers and
pays for each block's exponent once. 64 numbers that follow each other are folded into one block:
voltages then take a third of what they take in blocks of 4, and each trace can be read alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import MissingError, RunError

Numbers = NDArray[np.floating[Any]]
BLOCK = 64


def compress(numbers: Numbers, error: float) -> bytes:
    """A zfp stream with its header, from which each number comes back within ``error``.

    With an error of 0, and where zfp cannot hold it (numbers that are not finite, an error below
    what their own precision allows), they come back bit for bit.

    Raises
    ------
    MissingError
        if zfpy is not installed.
    """
    zfp = zfpy()
    flat = np.ascontiguousarray(numbers).reshape(-1)
    if not len(flat):
        return b""
    whole = np.full(-(-len(flat) // BLOCK) * BLOCK, flat[-1])
    whole[: len(flat)] = flat
    folded = whole.reshape(-1, 4, 4)
    if error > 0 and np.isfinite(flat).all():
        stream: bytes = zfp.compress_numpy(folded, tolerance=float(error))
        # zfp's own promise ends where its integers do.
        with np.errstate(over="ignore"):
            far = np.abs(np.subtract(zfp.decompress_numpy(stream), folded, dtype=float)).max()
        if far <= error:
            return stream
    return bytes(zfp.compress_numpy(folded))


def decompress(stream: bytes, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Numbers:
    """The numbers of a stream.

    Raises
    ------
    MissingError
        if zfpy is not installed.
    RunError
        if it is damaged, or not of such numbers.
    """
    zfp = zfpy()
    n = int(np.prod(shape))
    if not n and not stream:
        return np.empty(shape, dtype)
    blocks = -(-n // BLOCK)
    try:
        folded = zfp.decompress_numpy(stream)
    except Exception as error:  # zfpy raises what it likes
        raise RunError(f"a damaged zfp stream: {error}") from None
    if folded.dtype != dtype or folded.shape != (blocks * BLOCK // 16, 4, 4):
        raise RunError(f"a zfp stream of {folded.size} numbers, where {n} of {dtype} should be")
    return np.asarray(folded.reshape(-1)[:n].reshape(shape))


def zfpy() -> Any:  # noqa: ANN401
    """The library's module.

    Raises
    ------
    MissingError
        if it is not installed.
    """
    try:
        return import_module("zfpy")
    except ImportError:
        raise MissingError(
            "zfpy, which compresses, is not installed; pip install 'halfbrain[zfp]'"
        ) from None
