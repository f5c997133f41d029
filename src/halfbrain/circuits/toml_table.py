"""A table of a TOML file, read with its types and complaining by its place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from halfbrain.equations.si import Number
from halfbrain.errors import CircuitError


class Table:
    """Entries of a table; ``place`` is the file and the table, for messages.

    Raises
    ------
    CircuitError
        one line, if an entry is not among ``known``, or (when it is read) not of its type.
    """

    def __init__(self, entries: object, place: str, known: tuple[str, ...]) -> None:
        self.place = place
        if not isinstance(entries, dict):
            raise CircuitError(f"{place}: must be a table of {', '.join(known)}")
        self.entries: Mapping[str, object] = entries
        for key in entries:
            if key not in known:
                raise self.fail(key, f"is not known here; known are {', '.join(known)}")

    def fail(self, key: str, reason: str) -> CircuitError:
        """What is wrong with an entry, as one line."""
        return CircuitError(f"{self.place}: {key[:40]!r} {reason}")

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def get(self, key: str) -> object:
        """An entry that must be there."""
        if key not in self.entries:
            raise self.fail(key, "is missing")
        return self.entries[key]

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        value = self.entries.get(key, default)
        if value is None:
            raise self.fail(key, "is missing")
        if not isinstance(value, str):
            raise self.fail(key, "must be a text in quotes")
        return value

    def whole(self, key: str) -> int:
        """A whole number."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail(key, "must be a whole number")
        return value

    def real(self, key: str) -> float:
        """A number without a unit."""
        value = self.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.fail(key, "must be a number")
        try:
            return float(value)
        except OverflowError:
            raise self.fail(key, "is too large") from None

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.entries.get(key, default)
        if not isinstance(value, bool):
            raise self.fail(key, "must be true or false")
        return value

    def number(self, key: str) -> Number:
        """A number in SI units, or a text with its unit."""
        return self.as_number(key, self.get(key))

    def as_number(self, key: str, value: object) -> Number:
        """A part of an entry as a number."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.fail(key, "must be a number, or a text such as '1.5 ms'")
        if isinstance(value, int) and abs(value) > 2**63:
            raise self.fail(key, "is too large")
        return value

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts and numbers, as texts; empty if it is not there."""
        value = self.entries.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, "must be a table such as { tau = '10 ms' }")
        return {name: str(self.as_number(f"{key}.{name}", one)) for name, one in value.items()}

    def items(self, key: str) -> list[object]:
        """A list; empty if it is not there."""
        value = self.entries.get(key, [])
        if not isinstance(value, list):
            raise self.fail(key, "must be a list")
        return value

    def reals(self, key: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """A list of finite numbers in SI units."""
        given = self.items(key)
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in given):
            raise self.fail(key, "must be a list of numbers in SI units")
        try:
            numbers = np.array(given, np.float64)
        except OverflowError:
            raise self.fail(key, "holds a number that is too large") from None
        if not np.isfinite(numbers).all():
            raise self.fail(key, "holds a number that is not finite")
        return numbers
