"""What runs with the same seeds say of two learners: intervals and paired tests.

A seed fixes the first weights' key, the order and the choice of examples, so that runs of two
learners with one seed are a pair. Costs are compared as ratios, so their logarithms are paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from halfbrain.errors import RunError

LEVEL = 0.95
_RESAMPLES = 9_999
_SEED = 1987  # of the resampling: the same runs have the same interval


@dataclass(frozen=True)
class Mean:
    """A mean of ``n`` values with its 95 % bootstrap interval (NaN if there is one value)."""

    mean: float
    low: float
    high: float
    n: int


def mean(values: ArrayLike) -> Mean:
    """The mean of values, with its bias-corrected and accelerated bootstrap interval.

    Efron 1987, doi 10.2307/2289144. With few values it is somewhat too narrow, as all bootstraps
    are; tests are therefore :func:`paired`'s.
    """
    x = _finite(values)
    if len(x) < 2:
        return Mean(float(x.mean()), float("nan"), float("nan"), len(x))
    if np.ptp(x) <= 1e-12 * np.abs(x).max():  # nothing to resample; the acceleration is 0 / 0
        return Mean(float(x.mean()), float(x.mean()), float(x.mean()), len(x))
    found = stats.bootstrap(
        (x,),
        np.mean,
        confidence_level=LEVEL,
        n_resamples=_RESAMPLES,
        method="BCa",
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return Mean(float(x.mean()), float(found.low), float(found.high), len(x))


@dataclass(frozen=True)
class Paired:
    """The mean of a - b over pairs, its intervals, and what chance alone would make of it.

    Attributes
    ----------
    difference
        its mean and bootstrap interval.
    t_low, t_high
        its 95 % interval by Student's t, the one that decides.
    p
        of the paired t-test, two-sided: of a mean as far from ``against`` if that were true.
    sign_p
        of the exact sign-flip test, two-sided; with five pairs it cannot be below 1/16.
    against
        the difference that is tested for.
    """

    difference: Mean
    t_low: float
    t_high: float
    p: float
    sign_p: float
    against: float


def paired(a: ArrayLike, b: ArrayLike, against: float = 0.0) -> Paired:
    """Compare pairs.

    Parameters
    ----------
    a, b
        values (pairs), each pair from one seed.
    against
        difference a - b to test for.

    Raises
    ------
    RunError
        if there are not as many of one as of the other, or fewer than two.
    """
    x, y = _finite(a), _finite(b)
    if len(x) != len(y) or len(x) < 2:
        raise RunError(f"paired: {len(x)} and {len(y)} runs do not make two pairs or more")
    d = x - y
    n = len(d)
    if np.ptp(d) <= 1e-12 * max(np.abs(d).max(), 1e-300):
        same = bool(np.isclose(d[0], against))
        return Paired(mean(d), d[0], d[0], 1.0 if same else 0.0, sign_flip(d - against), against)
    half = stats.t.ppf((1 + LEVEL) / 2, n - 1) * d.std(ddof=1) / np.sqrt(n)
    p = float(stats.ttest_1samp(d, against).pvalue)
    return Paired(
        mean(d), float(d.mean() - half), float(d.mean() + half), p, sign_flip(d - against), against
    )


def sign_flip(d: NDArray[np.float64]) -> float:
    """The exact two-sided p of a mean, were each difference's sign an even chance (Fisher 1935).

    Of up to 16 differences all sign patterns are looked at; of more, a hundred thousand.
    """
    found = stats.permutation_test(
        (d,),
        lambda x, axis: np.mean(x, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=1e5,
        rng=np.random.default_rng(_SEED),
    )
    return float(found.pvalue)


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p values, right for all tests together (Holm 1979, Scand. J. Stat. 6:65)."""
    order = np.argsort(p, kind="stable")
    adjusted, highest = [1.0] * len(p), 0.0
    for rank, k in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[k]))
        adjusted[k] = highest
    return adjusted


def to_reach(cost: ArrayLike, accuracy: ArrayLike, level: float) -> float | None:
    """What it cost until a curve first reached an accuracy; None if it never did.

    Between two points the accuracy is taken to grow with the logarithm of the cost, linearly; what
    was reached at the first point is said to have cost what the first point cost.
    """
    x, y = np.asarray(cost, float), np.asarray(accuracy, float)
    above = np.flatnonzero(y >= level)
    if not len(above):
        return None
    k = int(above[0])
    if k == 0 or x[k - 1] <= 0:
        return float(x[k])
    share = (level - y[k - 1]) / (y[k] - y[k - 1])
    return float(x[k - 1] * (x[k] / x[k - 1]) ** share)


def at_cost(cost: ArrayLike, accuracy: ArrayLike, spent: float) -> float | None:
    """The accuracy of a curve where ``spent`` was spent; None before its first point.

    Beyond its last point it is the last.
    """
    x, y = np.asarray(cost, float), np.asarray(accuracy, float)
    if spent < x[0] * (1 - 1e-12):
        return None
    return float(np.interp(np.log(spent), np.log(x), y))


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, float)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise RunError("statistics are of a row of finite numbers")
    return x
