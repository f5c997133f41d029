"""What `--record` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halfbrain.errors import RunError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST = 10  # neurons of a population, where no number is given


def asked(text: str, only: str | None = None) -> tuple[str, str, int]:
    """Population, variable and number of neurons of POPULATION.VARIABLE or with :N.

    ``only`` is the variable that can be recorded, if there is but one.

    Raises
    ------
    RunError
        for another text.
    """
    name, _, count = text.partition(":")
    population, dot, variable = name.rpartition(".")
    known = bool(dot) and only in (None, variable)
    if not known or (count and not (count.isdigit() and int(count) > 0)):
        wanted = f"POPULATION.{only or 'VARIABLE'}"
        raise RunError(f"--record {text[:60]!r}: write {wanted} or with :N")
    return population, variable, int(count) if count else _MOST


def spread(size: int, number: int) -> NDArray[np.int64]:
    """So many neurons of a population of ``size``, or all of it, from one end to the other."""
    import numpy as np

    return np.linspace(0, size - 1, min(number, size)).astype(np.int64)
