"""The implicit step of the cable equation, after Hines (1984, doi 10.1016/0020-7101(84)90008-4).

For compartment i of area A_i with parent p and conductance c_i to it, where y is what v loses,

    (g + base) y_i - u_i y_p - sum d_j y_j = i - u_i (v_p - v_i) - sum d_j (v_j - v_i)

u_i = c_i / A_i, d_j = c_j / A_i for each child j, i and g the sum of current densities and of their
slopes, and base = cm / dt + u_i + the sum of d_j. From the last compartment to the first each is
eliminated from its parent's row, which is kept in the parent's i and g; then all are found from the
first to the last. The way back leaves there what the way forth needs, and that leaves each y in i.
Few numbers are moved: where a hundred cells are stepped, that is what takes the time.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from halfbrain.codegen.lanes import Loop, Place, Result
from halfbrain.morphology.compartments import Compartments
from halfbrain.program.instructions import Instruction, Operand, Program

Method = Literal["implicit", "second-order"]
Floats = NDArray[np.float64]

# The arrays of nodes, by the number under which the loops find them.
ARRAYS = ("v", "i", "g", "base", "up", "down")
COEFFICIENTS = ARRAYS[3:]

_POINT_AREA = 100.0  # um2 that currents into a point without membrane are reckoned with


def areas(cell: Compartments) -> Floats:
    """The area in um2 that currents into each compartment are reckoned with, shape (n,)."""
    return np.where(cell.area > 0, cell.area, _POINT_AREA)


def coefficients(cell: Compartments, dt: float, method: Method) -> dict[str, Floats]:
    """``base``, ``up`` and ``down`` of each compartment, S/cm2, shape (n,)."""
    per_ms = (2.0 if method == "second-order" else 1.0) / dt
    below = np.flatnonzero(cell.parent >= 0)
    parent, area = cell.parent[below], areas(cell) / 100
    up, down = np.zeros(len(area)), np.zeros(len(area))
    up[below] = cell.coupling[below] / area[below]
    down[below] = cell.coupling[below] / area[parent]
    base = np.where(cell.area > 0, cell.capacitance * 1e-3 * per_ms, 0.0) + up
    np.add.at(base, parent, down[below])
    return {"base": base, "up": up, "down": down}


def by_depth(parent: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The roots, and all other compartments by how far they are from theirs.

    Those side by side then rarely wait for one another, as a parent waits for its child: a core
    works on several at a time.
    """
    depth = np.zeros(len(parent), np.int64)
    for i in np.flatnonzero(parent >= 0):
        depth[i] = depth[parent[i]] + 1
    order = np.argsort(depth, kind="stable")
    return order[depth[order] == 0], order[depth[order] > 0]


_Step = tuple[str, str, tuple[Operand, ...]]


def _program(steps: list[_Step], outputs: dict[str, Operand]) -> Program:
    instructions = tuple(Instruction(*step) for step in steps)
    made = {step.target for step in instructions}
    taken = [x for step in instructions for x in step.operands if isinstance(x, str)]
    taken += [x for x in outputs.values() if isinstance(x, str)]
    return Program(tuple(dict.fromkeys(x for x in taken if x not in made)), instructions, outputs)


BACKWARD = _program(
    [
        ("_d", "add", ("g", "base")),
        ("_w", "subtract", ("v of parent", "v")),
        ("_r", "fused_negative", ("up", "_w", "i")),
        ("_q", "divide", (1.0, "_d")),
        ("_f", "multiply", ("up", "_q")),
        ("_y", "multiply", ("_r", "_q")),
        ("_t", "add", ("_w", "_y")),
        ("_g", "fused_negative", ("down", "_f", "g of parent")),
        ("_i", "fused", ("down", "_t", "i of parent")),
    ],
    {"i": "_y", "g": "_f", "i of parent": "_i", "g of parent": "_g"},
)


def _forward(factor: float) -> tuple[Program, Program]:
    """From a parent to its children, and at a root, which has none."""
    moved: _Step = ("_n", "fused_negative", ("_y", factor, "v"))
    if factor == 1.0:
        moved = ("_n", "subtract", ("v", "_y"))
    to_children: list[_Step] = [("_y", "fused", ("g", "i of parent", "i")), moved]
    at_root: list[_Step] = [("_d", "add", ("g", "base")), ("_y", "divide", ("i", "_d")), moved]
    outputs: dict[str, Operand] = {"i": "_y", "v": "_n"}
    return _program(to_children, outputs), _program(at_root, outputs)


def solver(
    lanes: int, dtype: type[np.floating[Any]], method: Method, one: bool
) -> tuple[Loop, Loop, Loop]:
    """The loops for nodes of ``lanes`` numbers each: back, at the roots, forth.

    Coefficients may be ``one`` for all lanes.
    """
    forward, root = _forward(2.0 if method == "second-order" else 1.0)
    back, at_roots, forth = (
        Loop(
            program,
            {name: _place(name, one) for name in program.inputs},
            [Result(name, _place(name)) for name in program.outputs],
            {},
            lanes,
            dtype,
            downward=program is BACKWARD,
        )
        for program in (BACKWARD, root, forward)
    )
    return back, at_roots, forth


def _place(name: str, one: bool = False) -> Place:
    own = name.removesuffix(" of parent")
    number, one = ARRAYS.index(own), one and own in COEFFICIENTS
    return Place("node", number, second=own != name, one=one)
