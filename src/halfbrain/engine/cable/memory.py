"""Arrays that begin at a cache line, and the memory that a unit's synapses lie in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

LINE = 64  # bytes, of a cache line and of the widest vectors
T = TypeVar("T", bound=np.generic)
# What a run does with an array; some are only there to build with.
Use = Literal["write", "read", "build"]


def aligned(shape: tuple[int, ...], dtype: DTypeLike, value: float = 0.0) -> NDArray[Any]:
    """An array filled with a value, its first number at the beginning of a cache line."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    whole = np.empty(size + LINE, np.uint8)
    skip = -whole.ctypes.data % LINE
    array = whole[skip : skip + size].view(dtype).reshape(shape)
    array[...] = value
    return array


class Memory:
    """Ordinary memory. :class:`Region` is another kind, which is not always there."""

    def array(self, shape: tuple[int, ...], dtype: DTypeLike, use: Use) -> NDArray[Any]:
        """An array of zeros at the beginning of a cache line."""
        return aligned(shape, dtype)

    def joined(self, old: NDArray[T], new: NDArray[T], use: Use) -> NDArray[T]:
        """Both after each other; ``old``, which was made by this too or is empty, is given up."""
        return np.concatenate([old, new])

    def kept(self, numbers: NDArray[T], use: Use) -> NDArray[T]:
        """The numbers, where they are to be."""
        return numbers

    def given_up(self, *arrays: NDArray[Any]) -> None:
        """Arrays that are not needed any more."""

    @contextmanager
    def building(self) -> Iterator[None]:
        """While arrays are made or added to."""
        yield

    @contextmanager
    def used(self) -> Iterator[None]:
        """While a run reads and writes them."""
        yield


class Memories:
    """The memory of each unit's synapses. :class:`Store` is another kind."""

    def __init__(self) -> None:
        self.parts = 0

    def part(self) -> Memory:
        """That of the next unit."""
        self.parts += 1
        return Memory()

    def sweep(self) -> range:
        """The order in which units are best stepped now."""
        return range(self.parts)
