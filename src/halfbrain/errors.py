"""What a user can get wrong: one clear line each, never a traceback."""

from __future__ import annotations

import inspect
import unicodedata
import warnings
from pathlib import Path


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


class HalfbrainWarning(UserWarning):
    """What is done, but perhaps not as it was meant. The message is one line, as an error's is."""


def warn(message: str) -> None:
    """Say one line to the user: a Python warning at the caller's line; standard error of a command.

    It never changes what is done. Tests can ask for it with ``pytest.warns(HalfbrainWarning)``.
    """
    ours = str(Path(__file__).parent)
    level, frame = 2, inspect.currentframe()
    frame = frame.f_back if frame else None
    while frame and frame.f_back and frame.f_code.co_filename.startswith(ours):
        level, frame = level + 1, frame.f_back
    warnings.warn(one_line(message), HalfbrainWarning, stacklevel=level)


def one_line(text: str) -> str:
    """Text of any origin as one line that a terminal shows as it is: control characters escaped."""
    return escaped(" ".join(text.split()))


def escaped(text: str) -> str:
    """Text of any origin with its control characters shown; ends of lines stay."""
    if text.isprintable():
        return text
    return "".join(
        c.encode("unicode_escape").decode("ascii")
        if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and c != "\n"
        else c
        for c in text
    )
