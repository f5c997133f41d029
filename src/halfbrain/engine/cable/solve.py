"""The implicit step of the cable equation, after Hines (1984, doi 10.1016/0020-7101(84)90008-4).

In nA, so that the matrix is symmetric: for compartment i with parent p and conductance c to it,

    (A g + base) x_i - c x_p - sum c_j x_j = -A i + c (v_p - v_i) + sum c_j (v_j - v_i)

where x is what v gains, A the membrane (um2 / 100), i and g the sum of current densities and of
their slopes, and base = A cm / dt + the sum of the couplings. From the last compartment to the
first each is eliminated from its parent's row; then all are found from the first to the last.
The two loops also clear i and g for the next step.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from halfbrain.dynamics.instructions import Instruction, Kind, Operand, Program
from halfbrain.dynamics.lanes import Place, Result, compile_lanes

Method = Literal["implicit", "second-order"]

# The arrays of nodes, by the number under which the loops find them.
ARRAYS = ("v", "i", "g", "d", "r", "x", "base", "area", "coupling")


_Step = tuple[str, str, tuple[Operand, ...]]


def _program(steps: list[_Step], outputs: dict[str, Operand]) -> Program:
    instructions = tuple(Instruction(*step) for step in steps)
    made = {step.target for step in instructions}
    taken = [x for step in instructions for x in step.operands if isinstance(x, str)]
    taken += [x for x in outputs.values() if isinstance(x, str)]
    return Program(tuple(dict.fromkeys(x for x in taken if x not in made)), instructions, outputs)


_OWN: list[_Step] = [
    ("_0", "fused", ("area", "g", "d")),
    ("_1", "fused_negative", ("area", "i", "r")),
]
BACKWARD = _program(
    [
        *_OWN,
        ("_2", "subtract", ("v of parent", "v")),
        ("_3", "fused", ("coupling", "_2", "_1")),
        ("_4", "divide", ("coupling", "_0")),
        ("_5", "divide", ("_3", "_0")),
        ("_6", "fused_negative", ("coupling", "_2", "r of parent")),
        ("_7", "fused", ("_4", "_3", "_6")),
        ("_8", "fused_negative", ("_4", "coupling", "d of parent")),
    ],
    # i and g are free by then: they hold what the way back needs.
    {"i": "_5", "g": "_4", "d": "base", "r": 0.0, "r of parent": "_7", "d of parent": "_8"},
)


def _forward(factor: float) -> tuple[Program, Program]:
    """From a parent to its children, and at a root, which has none."""
    gain: _Step = ("_n", "fused", ("_x", factor, "v"))
    if factor == 1.0:
        gain = ("_n", "add", ("_x", "v"))
    to_children: list[_Step] = [("_x", "fused", ("g", "x of parent", "i")), gain]
    at_root = [*_OWN, ("_x", "divide", ("_1", "_0")), gain]
    cleared: dict[str, Operand] = {"i": 0.0, "g": 0.0, "x": "_x", "v": "_n"}
    return _program(to_children, cleared), _program(at_root, {**cleared, "d": "base", "r": 0.0})


@dataclass(frozen=True)
class Solver:
    """The compiled loops and the operations of one turn of each: back, at the roots, forth."""

    modules: tuple[Any, Any, Any]
    operations: tuple[Counter[Kind], Counter[Kind], Counter[Kind]]


def compile_solver(lanes: int, dtype: type[np.floating[Any]], method: Method) -> Solver:
    """Compile the three loops for nodes of ``lanes`` numbers each."""
    forward, root = _forward(2.0 if method == "second-order" else 1.0)
    programs = (BACKWARD, root, forward)
    modules = tuple(
        compile_lanes(
            program,
            {name: _place(name) for name in program.inputs},
            [Result(name, _place(name)) for name in program.outputs],
            0,
            lanes,
            dtype,
            downward=program is BACKWARD,
        )
        for program in programs
    )
    return Solver(modules, tuple(p.count() for p in programs))  # type: ignore[arg-type]


def _place(name: str) -> Place:
    own = name.removesuffix(" of parent")
    return Place("node", ARRAYS.index(own), second=own != name)
