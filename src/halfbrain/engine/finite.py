"""Whether states are still numbers: looked at after each chunk of a run, by every engine alike.

``check_finite=False`` of a simulation, ``--no-check-finite`` of a command, leave the look out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.machine_code import kept
from halfbrain.codegen.native import ints, longs
from halfbrain.errors import RunError


@kept(nogil=True)
def all_finite(places: NDArray[np.int64], itemsize: int) -> bool:
    """Whether no floating-point number of some arrays is NaN or infinite; a pass over memory.

    ``places`` has the address of each array and how many numbers are in it, and ``itemsize`` is 4
    or 8 bytes. The exponent of what is not finite is all ones, so the largest bits tell.
    """
    for i in range(places.shape[0]):
        n = np.uint64(places[i, 1])
        if itemsize == 4:
            narrow, most = ints(places[i, 0], n), np.int32(0)
            for k in range(n):
                most = max(most, narrow[k] & np.int32(0x7FFFFFFF))
            if most >= np.int32(0x7F800000):
                return False
        else:
            wide, largest = longs(places[i, 0], n), np.int64(0)
            for k in range(n):
                largest = max(largest, wide[k] & np.int64(0x7FFFFFFFFFFFFFFF))
            if largest >= np.int64(0x7FF0000000000000):
                return False
    return True


def not_finite(
    where: str, variable: str, value: float, first: int, end: int, dt: float
) -> RunError:
    """What a run is stopped with that met NaN or infinity, in the words of every engine.

    Parameters
    ----------
    where
        whose it is, as in ``population 'E', neuron 3``.
    variable, value
        which state, and what it has become.
    first, end, dt
        the step at which all were numbers, the step at which one was none, and a step in seconds.
    """
    return RunError(
        f"{where}: {variable} is {value:g} at step {end} ({end * dt:g} s), and was a number at "
        f"step {first} ({first * dt:g} s); what was recorded is kept; a smaller dt or a bound may "
        f"mend the model, and check_finite=False (--no-check-finite) goes on"
    )
