"""What a user can get wrong: one clear line each, never a traceback."""

from __future__ import annotations


class HalfbrainError(Exception):
    """A user's mistake. The message names what, where and how to mend it, in one line."""


class FactError(HalfbrainError):
    """A figure, interval, unit or fact file that cannot be read."""


class DimensionError(HalfbrainError):
    """Two quantities that cannot be added, or a result in the wrong unit."""


class ModelError(HalfbrainError):
    """Equations, thresholds or resets that cannot be read, or whose dimensions clash."""


class CircuitError(HalfbrainError):
    """A population, projection or circuit that cannot be built."""


class RunError(HalfbrainError):
    """A run that cannot start, go on or be resumed."""


class DataError(HalfbrainError):
    """A data set that cannot be found, read or trusted."""


class MissingError(HalfbrainError):
    """An optional package that is not installed."""
