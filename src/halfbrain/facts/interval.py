"""A figure as people write it: ``1.2e9``, or the 90 % interval ``1.2e9 to 2e10``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from halfbrain.errors import FactError

Shape = Literal["lognormal", "fraction"]
Array = NDArray[np.float64]

Z95 = 1.6448536269514722  # the 95th percentile of the standard normal distribution
_NUMBER = r"[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)"
_TEXT = re.compile(
    rf"\s*(?P<low>{_NUMBER})(?:\s+to\s+(?P<high>{_NUMBER}))?\s*(?P<unit>.*)", re.IGNORECASE
)


@dataclass(frozen=True)
class Interval:
    """A number (``low == high``) or a distribution given by its 5th and 95th percentiles.

    ``shape`` is ``lognormal``, or ``fraction`` (logit-normal) for shares between 0 and 1.
    """

    low: float
    high: float
    shape: Shape = "lognormal"

    def __post_init__(self) -> None:
        low, high = self.low, self.high
        if not (math.isfinite(low) and math.isfinite(high)):
            raise FactError("a figure must be a finite number")
        if low > high:
            raise FactError(f"'{low:g} to {high:g}' runs backwards; write the smaller end first")
        if low < high and low <= 0:
            raise FactError(f"'{low:g} to {high:g}' must lie above zero")
        if self.shape == "fraction" and (low < 0 or high > 1 or (low < high and high == 1)):
            raise FactError(f"{self} is a share and must lie between 0 and 1")

    @property
    def certain(self) -> bool:
        """Whether this is a plain number."""
        return self.low == self.high

    def quantile(self, z: Array) -> Array:
        """The value at each standard normal score ``z``."""
        if self.certain:
            return np.full(np.shape(z), self.low)
        a, b = self._transform(self.low), self._transform(self.high)
        x = (a + b) / 2 + (b - a) / (2 * Z95) * z
        # Infinities are caught where a forecast is summarised.
        with np.errstate(over="ignore"):
            out = np.exp(x) if self.shape == "lognormal" else 1 / (1 + np.exp(-x))
        return np.asarray(out, dtype=np.float64)

    @property
    def median(self) -> float:
        """The 50th percentile."""
        return self.low if self.certain else float(self.quantile(np.zeros(1))[0])

    def scaled(self, factor: float) -> Interval:
        """The same interval in a unit that is ``1 / factor`` as large."""
        if factor == 1.0:
            return self
        return Interval(self.low * factor, self.high * factor, "lognormal")

    def _transform(self, x: float) -> float:
        return math.log(x) if self.shape == "lognormal" else math.log(x / (1 - x))

    def __str__(self) -> str:
        if self.certain:
            return f"{self.low:.4g}"
        return f"{self.low:.4g} to {self.high:.4g}"


def parse_interval(value: object, shape: Shape = "lognormal") -> tuple[Interval, str]:
    """Read ``3``, ``"3"``, ``"1e9 to 2e10"`` or ``"0.1 to 1 ms"``.

    Returns the interval and the unit's text, which is empty where none was written.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FactError(f"{str(value)[:40]!r} is not a figure; write 1.2e9 or '1e9 to 2e10'")
    if isinstance(value, str):
        match = _TEXT.fullmatch(value) if len(value) < 200 else None
        if match is None:
            raise FactError(f"{value[:40]!r} is not a figure; write 1.2e9 or '1e9 to 2e10'")
        low = float(match["low"])
        high = float(match["high"]) if match["high"] else low
        unit = match["unit"].strip()
        if unit.startswith("to ") or unit == "to":
            raise FactError(f"{value[:40]!r} is not a figure; write 1.2e9 or '1e9 to 2e10'")
        return Interval(low, high, shape), unit
    try:
        number = float(value)
    except OverflowError:
        raise FactError("a figure must be a finite number") from None
    return Interval(number, number, shape), ""
