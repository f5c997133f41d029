"""Places of a mechanism whose parameters are the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from halfbrain.program.mechanism import Mechanism
from halfbrain.random.streams import IDENTIFIERS

_FEW = 4  # values of a parameter, that places are told apart by
_MOST = 8  # kinds of places


def alike(
    mechanism: Mechanism, numbers: Mapping[str, NDArray[np.float64]], places: int, dt: float
) -> NDArray[np.int64]:
    """A kind for each place, so that in a kind parameters of few values have one.

    What follows from them is then worked out once for all its places. ``numbers`` are of shape
    (places, cells). The kinds depend on the values only, not on how many cells there are.
    """
    programs = (mechanism.initial, mechanism.current, mechanism.step(dt), mechanism.receive)
    needed = {name for p in programs if p is not None for name in p.inputs}
    kinds = np.zeros(places, np.int64)
    for name in sorted((needed & set(numbers)) - {*IDENTIFIERS, *mechanism.pointers}):
        values = numbers[name]
        if (values != values[:, :1]).any():
            continue
        distinct, kind = np.unique(values[:, 0], return_inverse=True)
        if 1 < len(distinct) <= _FEW:
            _, kinds = np.unique(kinds * len(distinct) + kind, return_inverse=True)
    return kinds if len(np.unique(kinds)) <= _MOST else np.zeros(places, np.int64)
