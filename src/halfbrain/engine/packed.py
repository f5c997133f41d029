"""A state in less memory: each variable compressed at an error that is stated for its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import RunError
from halfbrain.io.compressed import compress, decompress, zfpy

Array = NDArray[Any]
# What numbers are of; those that are not exact might be kept with less precision.
Kind = Literal["voltage", "gates", "concentrations", "synapse", "exact"]
KINDS: tuple[Kind, ...] = tuple(k for k in get_args(Kind) if k != "exact")
# Quantities of several kinds lie side by side in it, so that no error fits all.
_MIXED = ("connections",)


@dataclass(frozen=True, eq=False)
class Part:
    """One array of a state, and what it is of."""

    kind: Kind
    array: Array


@dataclass(frozen=True)
class Packed:
    """What a stream is of: its type and shape, the least and the largest of its numbers.

    ``check`` is the CRC-32 of the stream, for zfp reads on where one was cut off.
    """

    dtype: str
    shape: tuple[int, ...]
    least: float
    largest: float
    check: int


def errors(error: float | Mapping[Kind, float]) -> dict[Kind, float]:
    """An error for each kind, relative to the largest magnitude of a variable; 0 is without loss.

    Raises
    ------
    RunError
        if there is no such kind or error.
    """
    given = dict(error) if isinstance(error, Mapping) else dict.fromkeys(KINDS, error)
    if unknown := [kind for kind in given if kind not in KINDS]:
        known = ", ".join(KINDS)
        raise RunError(f"no kind of state {str(unknown[0])[:40]!r}; there are {known}")
    for kind, own in given.items():
        if not 0 <= own < 1:
            raise RunError(f"an error of {kind} is from 0 to 1, a share of the largest, not {own}")
    return {kind: given.get(kind, 0.0) for kind in KINDS}


def pack(
    parts: Mapping[str, Part], error: float | Mapping[Kind, float]
) -> tuple[dict[str, Array], dict[str, Packed]]:
    """Arrays to store, of which some are zfp streams, and what those are of.

    Raises
    ------
    RunError, MissingError
        if there is no such error, or nothing to compress with.
    """
    allowed = errors(error)
    if any(allowed.values()):
        zfpy()
    arrays: dict[str, Array] = {}
    packed: dict[str, Packed] = {}
    for name, part in parts.items():
        array = arrays[name] = part.array
        own = 0.0 if name in _MIXED or part.kind == "exact" else allowed[part.kind]
        if own > 0 and array.size and array.dtype.kind == "f" and np.isfinite(array).all():
            least, largest = float(array.min()), float(array.max())
            stream = compress(array, own * max(abs(least), abs(largest)))
            if len(stream) < array.nbytes:
                arrays[name] = np.frombuffer(stream, np.uint8)
                packed[name] = Packed(array.dtype.name, array.shape, least, largest, crc32(stream))
    return arrays, packed


def unpack(stream: Array, of: Packed) -> Array:
    """The numbers of a stream, none of them out of the range that they had.

    So a gate stays between 0 and 1, and a concentration above 0.

    Raises
    ------
    RunError, MissingError
        if it is damaged, or there is nothing to read it with.
    """
    if crc32(stream.tobytes()) != of.check:
        raise RunError("a zfp stream is not as it was written")
    numbers = decompress(stream.tobytes(), tuple(of.shape), np.dtype(of.dtype))
    return np.clip(numbers, numbers.dtype.type(of.least), numbers.dtype.type(of.largest))
