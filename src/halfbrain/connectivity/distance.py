"""Connections by distance, as a user writes them."""

from __future__ import annotations

from halfbrain.connectivity.rule import ByDistance
from halfbrain.equations.dimensions import unit
from halfbrain.equations.si import Number, number


def by_distance(p: float, length: Number, autapses: bool = False) -> ByDistance:
    """Every pair on its own, the nearer the likelier.

    Parameters
    ----------
    p
        the probability of two in one place; above 1, it is 1 up to some distance.
    length
        the standard deviation of the normal curve that it falls with, over horizontal distance:
        metres, or with a unit.
    autapses
        whether a neuron may be connected with itself.

    Raises
    ------
    CircuitError
        one line, if the length is none.

    Examples
    --------
    >>> import halfbrain as hb
    >>> hb.by_distance(0.3, "150 um").length
    150.0
    """
    metres = number(length, unit("metre")[1], "by distance: length")
    return ByDistance(p, float(f"{metres * 1e6:.15g}"), autapses)
