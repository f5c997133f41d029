"""Work shared out to devices: how fast it is on a number of them, and the number that will do.

The pace (wall seconds for a second of life) is a sum of pieces in closed form: work that divides,
a part that does not, and one that grows with the logarithm of the number. Each is an array, a value
for each draw, so that the least number is found for all draws at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST = 1e30  # devices; a pace that falls for ever is no better known beyond
_ROUNDS = 100
_EXACT = 1e-12


@dataclass(frozen=True)
class Piece:
    """From ``low`` to ``high`` devices n the pace is ``a / n + b + c log2(n)``, c zero or more."""

    low: Array
    high: Array
    a: Array
    b: Array
    c: Array

    @property
    def there(self) -> NDArray[np.bool_]:
        """Whether it has any number of devices."""
        return self.low <= self.high

    def pace(self, n: Array) -> Array:
        """Wall seconds for a second of life on ``n`` devices."""
        return self.a / n + self.b + self.c * np.log2(n)

    def best(self) -> Array:
        """The number of devices on which it is fastest."""
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            turn = np.where(self.c > 0, self.a * math.log(2) / self.c, MOST)
        high = np.minimum(self.high, MOST)
        best = np.round(np.where(self.a > 0, turn, self.low))
        return np.clip(best, self.low, np.maximum(high, self.low))

    def least(self, pace: Array) -> Array:
        """The least number whose pace is at most ``pace``; infinite where there is none.

        The pace is convex in 1 / n and falls up to the best number: Newton's steps from the fewest
        devices never pass the answer.
        """
        best = self.best()
        u = 1 / self.low
        for _ in range(_ROUNDS):
            excess = self.a * u + self.b - self.c * np.log2(u) - pace
            slope = self.a - self.c / (u * math.log(2))
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                step = np.where((excess > 0) & (slope > 0), excess / slope, 0.0)
            new = np.maximum(u - step, 1 / best)
            if np.all(u - new <= _EXACT * u):
                break
            u = new
        n = np.clip(np.ceil(1 / u * (1 - 1e3 * _EXACT)), self.low, best)
        return np.where(self.there & (self.pace(best) <= pace * (1 + 1e-9)), n, np.inf)

    def affordable(self, device_seconds: Array) -> Array:
        """The number that is fastest with so many device seconds for one of life; 0 where none is.

        Device seconds grow with the number, and are convex in it.
        """
        n = self.best()

        def excess(n: Array) -> Array:
            return self.a + self.b * n + self.c * n * np.log2(n) - device_seconds

        for _ in range(_ROUNDS):
            slope = self.b + self.c * (np.log2(n) + 1 / math.log(2))
            over = excess(n)
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                step = np.where((over > 0) & (slope > 0), over / slope, 0.0)
            new = np.maximum(n - step, self.low)
            if np.all(n - new <= _EXACT * n):
                break
            n = new
        n = np.maximum(np.floor(n * (1 + 1e3 * _EXACT)), self.low)
        enough = self.there & (excess(self.low) <= device_seconds * 1e-9)
        return np.where(enough, n, 0.0)


@dataclass(frozen=True)
class Sharing:
    """All numbers of devices from ``floor`` on, in pieces one after the other."""

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, pieces: list[Piece], floor: Array, limit: Array) -> Sharing:
        """The pieces between the fewest devices that there may be and the most."""
        return cls(
            tuple(
                Piece(
                    np.maximum(piece.low, floor),
                    np.minimum(piece.high, limit),
                    piece.a,
                    piece.b,
                    piece.c,
                )
                for piece in pieces
            )
        )

    def pace(self, n: Array) -> Array:
        """The pace on ``n`` devices; infinite where there is no such number, or n is."""
        out = np.full(np.shape(n), np.inf)
        there = np.isfinite(n) & (n >= 1)
        known = np.where(there, n, 1.0)
        for piece in reversed(self.pieces):
            inside = there & piece.there & (known >= piece.low) & (known <= piece.high)
            out = np.where(inside, piece.pace(known), out)
        return out

    def least(self, pace: Array) -> Array:
        """The least number of devices that keep the pace; infinite where none does."""
        out = np.full(np.shape(pace), np.inf)
        for piece in reversed(self.pieces):
            found = piece.least(pace)
            out = np.where(np.isfinite(found), found, out)
        return out

    def fastest(self) -> Array:
        """The number of devices on which it is fastest; infinite where there is none."""
        return self._fastest([np.where(piece.there, piece.best(), 0.0) for piece in self.pieces])

    def affordable(self, device_seconds: Array) -> Array:
        """The number that is fastest within so many device seconds for a second of life."""
        return self._fastest([piece.affordable(device_seconds) for piece in self.pieces])

    def _fastest(self, numbers: list[Array]) -> Array:
        best = np.full(np.shape(numbers[0]), np.inf)
        pace = np.full(np.shape(numbers[0]), np.inf)
        for n in numbers:
            own = self.pace(n)
            better = own < pace
            best, pace = np.where(better, n, best), np.where(better, own, pace)
        return best
