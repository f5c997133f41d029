"""What a weight, a delay, a parameter or a first state is: a number, an array, a distribution."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from halfbrain.connectivity.numbers import plain
from halfbrain.equations.dimensions import Dimensions
from halfbrain.equations.si import Number, Numbers, number, si
from halfbrain.errors import CircuitError


@dataclass(frozen=True)
class Normal:
    """Normal; numbers outside ``low`` to ``high`` are drawn again.

    Examples
    --------
    >>> import halfbrain as hb
    >>> weight = hb.normal("1 mV", "0.1 mV", low="0 mV")
    """

    mean: Number
    std: Number
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True)
class LogNormal:
    """Log-normal, by the median and the standard deviation of the logarithm.

    Examples
    --------
    >>> import halfbrain as hb
    >>> weight = hb.lognormal("1 mV", 0.5)
    """

    median: Number
    sigma: float


@dataclass(frozen=True)
class Uniform:
    """Uniform between two numbers.

    Examples
    --------
    >>> import halfbrain as hb
    >>> start = hb.uniform("-65 mV", "-50 mV")
    """

    low: Number
    high: Number


@dataclass(frozen=True)
class Mixture:
    """With probability ``share`` a number of ``first``, else one of ``second``.

    Examples
    --------
    >>> import halfbrain as hb
    >>> weight = hb.mixture(0.9, hb.normal("1 mV", "0.1 mV"), "5 mV")
    """

    share: float
    first: Number | Normal | LogNormal | Uniform
    second: Number | Normal | LogNormal | Uniform


Distribution = Normal | LogNormal | Uniform | Mixture
Value = Numbers | Distribution

CONSTANT, NORMAL, LOGNORMAL, UNIFORM, GIVEN, WINDOW = range(6)
_REACH = 6.8  # sigma; Box and Muller's normal numbers end there


@dataclass(frozen=True)
class Drawn:
    """A value in SI units, as compiled code takes it.

    ``a`` and ``b`` are the number and 0, mean and standard deviation (``WINDOW``: where few are
    within the bounds), the logarithm of the median and its sigma, or the two ends; ``low`` and
    ``high`` bound what may come out. With probability 1 - ``share`` it is a number of ``other``
    instead.
    """

    kind: int
    a: float
    b: float
    low: float
    high: float
    given: NDArray[np.float64]
    share: float = 1.0
    other: Drawn | None = None

    @property
    def constant(self) -> bool:
        """Whether it is one number."""
        return self.kind == CONSTANT and self.other is None

    def numbers(self) -> NDArray[np.float64]:
        """All but the array, in a row: kind, a, b, low, high, share, and those of ``other``."""
        own = [self.kind, self.a, self.b, self.low, self.high, self.share]
        rest = self.other.numbers()[:5] if self.other else np.zeros(5)
        return np.concatenate([np.array(own, np.float64), rest])

    @property
    def largest(self) -> float:
        """The largest size that comes out; Box and Muller's normal numbers end at 6.8 sigma."""
        if self.other is not None:
            return max(replace(self, other=None).largest, self.other.largest)
        if self.kind == GIVEN:
            return float(np.abs(self.given).max(initial=0.0))
        if self.kind == LOGNORMAL:
            return math.exp(self.a + 6.8 * self.b)
        if self.kind == NORMAL:
            ends = max(self.low, self.a - 6.8 * self.b), min(self.high, self.a + 6.8 * self.b)
            return max(abs(end) for end in ends)
        return max(abs(self.low), abs(self.high))


_NONE_GIVEN = np.zeros(0)


def drawn(value: Value, dimensions: Dimensions, place: str) -> Drawn:
    """A value as numbers in SI units.

    Raises
    ------
    CircuitError
        one line that begins with ``place``, if it is in another unit, not finite, or empty.
    """

    def one(given: Number | None, default: float) -> float:
        return default if given is None else number(given, dimensions, place)

    match value:
        case Normal(mean, std, low, high):
            a, b = one(mean, 0.0), one(std, 0.0)
            bounds = one(low, -math.inf), one(high, math.inf)
            if b < 0:
                raise CircuitError(f"{place}: a standard deviation is not below zero")
            if not max(bounds[0], a - 4 * b) <= min(bounds[1], a + 4 * b):
                raise CircuitError(f"{place}: its bounds are over four sigma from its mean")
            if bounds[0] == bounds[1]:
                return Drawn(CONSTANT, bounds[0], 0.0, *bounds, _NONE_GIVEN)
            return normal(a, b, *bounds)
        case LogNormal(median, sigma):
            a = one(median, 0.0)
            sigma = plain(sigma, f"{place}: a sigma")
            if not (a > 0 and 0 <= sigma < 20):
                raise CircuitError(f"{place}: a median must be above zero, a sigma 0 to 20")
            return Drawn(LOGNORMAL, math.log(a), float(sigma), 0.0, math.inf, _NONE_GIVEN)
        case Uniform(low, high):
            ends = one(low, 0.0), one(high, 0.0)
            if ends[0] > ends[1]:
                raise CircuitError(f"{place}: its lower end is above its upper one")
            return Drawn(UNIFORM, *ends, *ends, _NONE_GIVEN)
        case Mixture(share, first, second):
            share = plain(share, f"{place}: the share of a mixture")
            if not 0 <= share <= 1:
                raise CircuitError(f"{place}: the share of a mixture is 0 to 1, not {share}")
            parts = drawn(first, dimensions, place), drawn(second, dimensions, place)
            if any(part.kind == GIVEN or part.other for part in parts):
                raise CircuitError(f"{place}: a mixture is of numbers and distributions")
            return replace(parts[0], share=float(share), other=parts[1])
    found = si(value, dimensions, place)
    if isinstance(found, float):
        return Drawn(CONSTANT, found, 0.0, found, found, _NONE_GIVEN)
    given = np.ascontiguousarray(found).reshape(-1)
    ends = (float(given.min()), float(given.max())) if len(given) else (0.0, 0.0)
    return Drawn(GIVEN, 0.0, 0.0, *ends, given)


def normal(mean: float, std: float, low: float, high: float) -> Drawn:
    """Normal numbers between bounds; drawn by trial where that is soon done."""
    if std > 0:
        ends = ((end - mean) / (std * math.sqrt(2)) for end in (low, high))
        first, last = sorted(min(max(end, -_REACH), _REACH) for end in ends)
        if abs(math.erf(last) - math.erf(first)) / 2 < 0.01:
            low, high = max(low, mean - _REACH * std), min(high, mean + _REACH * std)
            return Drawn(WINDOW, mean, std, low, high, _NONE_GIVEN)
    return Drawn(NORMAL, mean, std, low, high, _NONE_GIVEN)


def not_negative(value: Drawn, place: str) -> Drawn:
    """The same, normal numbers below zero drawn again: a delay.

    Raises
    ------
    CircuitError
        one line that begins with ``place``, if others are below zero, or nearly all are.
    """
    if value.kind in (NORMAL, WINDOW):
        if min(value.high, value.a + 4 * value.b) < 0:
            raise CircuitError(f"{place}: nearly all delays would be below zero")
        own = normal(value.a, value.b, max(value.low, 0.0), value.high)
        value = replace(own, share=value.share, other=value.other)
    elif value.low < 0:
        raise CircuitError(f"{place}: a delay is not below zero")
    return replace(value, other=value.other and not_negative(value.other, place))


def check_given(value: Drawn, wanted: int | None, place: str) -> None:
    """Refuse an array of weights or delays whose length is not ``wanted``; None wants no array.

    Raises
    ------
    CircuitError
        one line that begins with ``place``.
    """
    if value.kind != GIVEN:
        return
    if wanted is None:
        raise CircuitError(
            f"{place}: an array goes with explicit pairs, one-to-one or all-to-all only"
        )
    if len(value.given) != wanted:
        raise CircuitError(f"{place}: an array of {len(value.given)}; {wanted} are needed")
