"""What a number of each distribution is, made of a standard normal number or a uniform one.

Where these come from is the caller's: :mod:`halfbrain.connectivity.rows` draws them by counter in
compiled code, :class:`halfbrain.connectivity.draw.Stream` takes both from one uniform number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from halfbrain.connectivity.value import CONSTANT, LOGNORMAL, UNIFORM, Drawn

Floats = NDArray[np.float64]
Number = Any  # one, an array of them, or compiled


def number(kind: Number, a: Number, b: Number, z: Number, u: Number) -> Number:
    """A number of a kind of :class:`Drawn`, from a standard normal ``z`` or a uniform ``u``.

    A normal number is not held within bounds here.
    """
    if kind == CONSTANT:
        return a
    if kind == UNIFORM:
        return a + (b - a) * u
    if kind == LOGNORMAL:
        return np.exp(a + b * z)
    return a + b * z


def quantile(read: Drawn, u: Floats) -> Floats:
    """The numbers below which the shares ``u`` of a distribution lie."""
    if read.other is None:
        return _quantile(read, u)
    first, share = u < read.share, read.share
    within = np.where(first, u / max(share, 1e-300), (u - share) / max(1 - share, 1e-300))
    return np.where(first, _quantile(read, within), _quantile(read.other, within))


def _quantile(read: Drawn, u: Floats) -> Floats:
    def made(z: Number) -> Floats:
        return np.asarray(number(read.kind, read.a, read.b, z, u), np.float64)

    if read.kind in (CONSTANT, UNIFORM) or read.b == 0:
        return np.broadcast_to(made(0.0), u.shape)
    if read.kind == LOGNORMAL:
        return made(ndtri(u))
    low, high = (ndtr((end - read.a) / read.b) for end in (read.low, read.high))
    return np.clip(made(ndtri(low + (high - low) * u)), read.low, read.high)
