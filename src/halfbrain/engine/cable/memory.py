"""Arrays that begin at a cache line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes, of a cache line and of the widest vectors


def aligned(
    shape: tuple[int, ...], dtype: type[np.floating[Any]], value: float = 0.0
) -> NDArray[np.floating[Any]]:
    """An array filled with a value, its first number at the beginning of a cache line."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    whole = np.empty(size + LINE, np.uint8)
    skip = -whole.ctypes.data % LINE
    array = whole[skip : skip + size].view(dtype).reshape(shape)
    array[...] = value
    return array
