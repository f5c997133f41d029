"""Whether a circuit can have that size."""

from __future__ import annotations

import math

from halfbrain.errors import CircuitError

MOST = 2**31 - 1


def whole(circuit: str, what: str, number: float, least: int) -> int:
    """A whole number of ``what``, at least ``least``.

    Raises
    ------
    CircuitError
        one line that names the circuit.
    """
    if not math.isfinite(number) or number != int(number) or not least <= number <= MOST:
        raise CircuitError(
            f"circuit {circuit!r}: {number} {what}; it must be a whole number from {least:,} "
            f"to {MOST:,}"
        )
    return int(number)


def share(circuit: str, what: str, number: float, most: float) -> float:
    """A factor above 0.

    Raises
    ------
    CircuitError
        one line that names the circuit.
    """
    if not 0 < number <= most:
        raise CircuitError(
            f"circuit {circuit!r}: a {what} of {number}; it must be above 0, at most {most:g}"
        )
    return float(number)
