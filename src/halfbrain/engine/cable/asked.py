"""What a simulation of detailed cells may be asked for."""

from __future__ import annotations

from typing import Literal

from halfbrain.engine.cable.solve import Method
from halfbrain.errors import RunError

DType = Literal["float32", "float64"]


def check_asked(cells: int, dt: float, dtype: DType, method: Method, seed: int) -> None:
    """Raise a RunError unless there are cells, and such a step, type, method and seed."""
    if not cells:
        raise RunError("a simulation has at least one cell")
    if dtype not in ("float32", "float64"):
        raise RunError(f"no type {str(dtype)[:20]!r}; there are float32 and float64")
    if not dt > 0:
        raise RunError(f"a time step is above 0 ms, not {dt}")
    if method not in ("implicit", "second-order"):
        raise RunError(f"no method {str(method)[:20]!r}; there are implicit and second-order")
    if not 0 <= seed < 2**32:
        raise RunError(f"a seed is from 0 to 2^32 - 1, not {seed}")
