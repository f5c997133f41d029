"""Neurons that only fire at random, as ``rand() < rate*dt`` says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy
from numpy.typing import NDArray

from halfbrain.cells.neuron import Neuron
from halfbrain.equations.dimensions import TIME
from halfbrain.equations.equations import constant, equations
from halfbrain.equations.expression import Typed, drawn, parse, symbol
from halfbrain.equations.functions import plain
from halfbrain.errors import RunError


def chance(
    simulator: str, cell: Neuron, dt: float, size: int, states: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """The probability that each of ``size`` neurons fires in a step.

    Raises
    ------
    RunError
        if the cell's threshold says anything else.
    """
    names = equations(cell.equations, cell.constants).names()
    names |= {name: constant(name, value) for name, value in cell.constants.items()}
    names |= {"dt": Typed(sympy.Float(dt, 17), TIME)}
    fires = parse(cell.threshold, names, "threshold").value if cell.threshold.strip() else None
    if (
        not isinstance(fires, sympy.StrictLessThan | sympy.LessThan)
        or drawn(fires.lhs) != "uniform"
        or any(map(drawn, fires.rhs.free_symbols))
    ):
        raise RunError(f"{simulator} has no neuron like cell {cell.name!r}: it has no voltage")
    inputs = sorted(s.name for s in fires.rhs.free_symbols)
    function = sympy.lambdify([symbol(name) for name in inputs], plain(fires.rhs), "numpy")
    values = function(*(states.get(name, np.zeros(size)) for name in inputs))
    return np.broadcast_to(np.asarray(values, np.float64), size).copy()
