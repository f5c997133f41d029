"""The update of a population: what arrived, the equations, who fired; one pass over memory.

State lies in blocks of ``BLOCK`` neurons, row after row. What a neuron takes in beside its state
(arrivals, random numbers) is first laid into a small work area of such rows, so that the loop over
the equations has two arrays, constant offsets and no branch, and vectorises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from halfbrain.codegen.compiled import module
from halfbrain.codegen.kernel import BLOCK, body
from halfbrain.program.fits import check_numbers
from halfbrain.program.instructions import Instruction, Program
from halfbrain.program.operations import Kind
from halfbrain.program.point import SINCE, PointModel, arrived_at, quantum_of

# Places in the arguments of a compiled update.
BLOCKS, STATE, ARRIVED, STRIDE, UNIFORMS, FIRED, FIRST, LIMIT, STEP, KEY, AT, WORK = range(12)
DRIVES = 12  # from here on, three for each drive: address and length of its table, its weight
DRIVE = 3

_DRAWS = ("uniform", "normal")
_RARE = 1e-4  # probability of a number that only the slow way finds
_MOST_UNROLLED = 32


@dataclass(frozen=True)
class Update:
    """A compiled update.

    ``rows`` are kept for each neuron, ``uniforms`` once for the population; ``operations`` and
    ``bytes`` are those of one neuron's step.
    """

    address: int
    rows: tuple[str, ...]
    uniforms: tuple[str, ...]
    work_rows: int
    operations: Counter[Kind]
    bytes: int
    keep_alive: Any


def compile_update(
    model: PointModel,
    uniforms: Sequence[str],
    drives: Sequence[tuple[str, int]],
    dtype: type[np.floating[Any]],
    wide: bool,
) -> Update:
    """Compile a model's update.

    Parameters
    ----------
    model
        one step of one neuron.
    uniforms
        parameters that are the same for the whole population.
    drives
        the receptor of each Poisson drive, and how many thresholds of its table are often reached.
    dtype
        of the state.
    wide
        whether what arrived is counted in 64 bits; else in 32.

    Raises
    ------
    ModelError
        if a number of the model does not fit the precision.
    """
    check_numbers(model.program, dtype)
    program, draws = _without_draws(model.program)
    uniforms = tuple(uniforms) + tuple(map(quantum_of, model.receptors))
    rows = tuple(name for name in model.rows if name not in uniforms)
    work = [*map(arrived_at, model.receptors), *(name for name, _ in draws)]
    source = _source(program, rows, uniforms, work, draws, list(drives), model.receptors, dtype,
                     wide)  # fmt: skip
    made = module(source)
    operations = program.count()
    operations["random"] += len(draws) + len(drives)
    size = np.dtype(dtype).itemsize
    moved = sum(name in program.inputs for name in rows) + sum(r in program.outputs for r in rows)
    return Update(
        made.update.address,
        rows,
        uniforms,
        len(work) + 1,  # and the words of the random numbers
        operations,
        size * moved + 2 * (8 if wide else 4) * len(model.receptors),
        made,
    )


def poisson_table(mean: float) -> NDArray[np.uint32]:
    """Thresholds: as many as a random word is above is a Poisson number of this mean.

    Inversion of the distribution function, in 32 bits. The last is never passed.
    """
    nearly_all = 1 - 2.0**-33
    # The functions behind scipy.stats.poisson, whose import takes longer than a circuit to build.
    last = np.ceil(special.pdtrik(nearly_all, mean))
    if special.pdtr(max(last - 1, 0.0), mean) >= nearly_all:
        last = max(last - 1, 0.0)
    cumulative = np.floor(special.pdtr(np.arange(int(last) + 1), mean) * 2.0**32) - 1
    table = np.clip(np.append(cumulative, 2.0**32 - 1), 0, 2.0**32 - 1)
    return np.asarray(table, np.uint32)


def often_passed(table: NDArray[np.uint32]) -> int:
    """How many thresholds to hold every word against: few blocks then need a look at the rest."""
    rare = int(np.searchsorted(table, np.uint32(2**32 * (1 - _RARE))))
    return min(-(-rare // 4) * 4, len(table) - 1, _MOST_UNROLLED)


def _without_draws(program: Program) -> tuple[Program, list[tuple[str, str]]]:
    """Random numbers as inputs, with the kind of each: they are drawn for a block at a time."""
    draws, steps = [], list[Instruction]()
    for step in program.instructions:
        if step.operation in _DRAWS:
            draws.append((step.target, step.operation))
        else:
            steps.append(step)
    inputs = (*program.inputs, *(name for name, _ in draws))
    return Program(inputs, tuple(steps), program.outputs), draws


def _source(
    program: Program,
    rows: Sequence[str],
    uniforms: Sequence[str],
    work: Sequence[str],
    draws: Sequence[tuple[str, str]],
    drives: Sequence[tuple[str, int]],
    receptors: Sequence[str],
    dtype: type[np.floating[Any]],
    wide: bool,
) -> str:
    double = dtype is np.float64
    number, view = ("np.float64", "doubles") if double else ("np.float32", "floats")
    count = "longs" if wide else "ints"
    whole = "np.int64" if double else "np.int32"
    constants: dict[str, float] = {}
    names = {name: f"x{i}" for i, name in enumerate(program.inputs)}
    lines = body(program, names, constants)

    def place(name: str) -> str:
        if name in rows:
            return f"s[at + np.uint64({rows.index(name) * BLOCK}) + i]"
        if name in work:
            return f"w[np.uint64({work.index(name) * BLOCK}) + i]"
        return f"u{uniforms.index(name)}"

    n = len(work)
    out = [
        "import numba",
        "import numpy as np",
        "from math import log, sqrt, sin, cos, tanh",
        "from halfbrain.codegen.exponential import FASTMATH, functions",
        "from halfbrain.random.compiled import block_normals, block_uniforms, block_words",
        "from halfbrain.codegen.native import doubles, floats, ints, longs, words",
        f"_own = functions({number})",
        'exp, expm1 = _own["exp"], _own["expm1"]',
        *(f"{name} = {number}({value!r})" for name, value in constants.items()),
        '@numba.njit(forceinline=True, fastmath=FASTMATH, error_model="numpy")',
        f"def step({', '.join(names.values())}):",
        *(f"    {line}" for line in lines),
        '@numba.cfunc("int64(CPointer(int64))", cache=True, fastmath=FASTMATH,',
        '    error_model="numpy")',
        "def update(arguments):",
        f"    a = numba.carray(arguments, {DRIVES + DRIVE * len(drives)})",
        f"    blocks, one, zero = np.uint64(a[{BLOCKS}]), {whole}(1), {whole}(0)",
        f"    single, none = {number}(1), {number}(0)",
        f"    s = {view}(a[{STATE}], blocks * np.uint64({max(len(rows), 1) * BLOCK}))",
        f"    w = {view}(a[{WORK}], {n * BLOCK})",
        f"    drawn = words(a[{WORK}] + {n * BLOCK * np.dtype(dtype).itemsize}, {BLOCK})",
        f"    fired = ints(a[{FIRED}], 1)",
        f"    uniform = {view}(a[{UNIFORMS}], {max(len(uniforms), 1)})",
        *(f"    u{i} = uniform[{i}]" for i in range(len(uniforms))),
        *(
            f"    c{r} = {count}(a[{ARRIVED}] + a[{STRIDE}] * {r}, blocks * np.uint64({BLOCK}))"
            for r in range(len(receptors))
        ),
    ]
    for d in range(len(drives)):
        first = DRIVES + DRIVE * d
        out += [
            f"    steps{d} = np.uint64(a[{first + 1}])",
            f"    table{d} = words(a[{first}], steps{d})",
            f"    weight{d} = {number}(a[{first + 2}])",
            *(f"    t{d}_{j} = table{d}[{j}]" for j in range(drives[d][1])),
        ]
    out += ["    n = np.uint64(0)", "    for b in range(blocks):"]
    out += [f"        at = b * np.uint64({len(rows) * BLOCK})"]
    loop = f"        for i in range(np.uint64({BLOCK})):"
    drawing = f"(drawn, a[{AT}] + np.int64(b), a[{STEP}], {{}}, np.uint64(a[{KEY}]))"
    for r, name in enumerate(receptors):
        at = f"b * np.uint64({BLOCK}) + i"
        out += [
            loop,
            f"            w[np.uint64({work.index(arrived_at(name)) * BLOCK}) + i] = c{r}[{at}]",
            f"            c{r}[{at}] = zero",
        ]
    for d, (receptor, often) in enumerate(drives):
        r = work.index(arrived_at(receptor)) * BLOCK
        reached = " + ".join(f"(single if word > t{d}_{j} else none)" for j in range(often))
        out += [
            f"        block_words{drawing.format(d)}",
            "        top = np.uint32(0)",
            loop,
            "            word = drawn[i]",
            f"            w[np.uint64({r}) + i] += ({reached or 'none'}) * weight{d}",
            "            top = max(top, word)",
            f"        if top > table{d}[np.uint64({often})]:",
            f"    {loop}",
            f"                for j in range(np.uint64({often}), steps{d}):",
            f"                    if drawn[i] > table{d}[j]:",
            f"                        w[np.uint64({r}) + i] += weight{d}",
        ]
    for k, (name, kind) in enumerate(draws):
        out += [
            f"        block_words{drawing.format(1000 + k)}",
            f"        block_{kind}s(drawn, w, np.uint64({work.index(name) * BLOCK}))",
        ]
    fires = _can_fire(program)
    targets = "".join(f"{place(name)}, " for name in program.outputs)
    arguments = ", ".join(place(name) for name in program.inputs)
    out += [loop, f"            {targets}= step({arguments})"]
    if fires:
        since = place(SINCE)
        out += [
            "        some = zero",
            loop,
            f"            some += one if {since} == {number}(0) else zero",
            "        if some > zero:",
            f"            first = a[{FIRST}] + np.int64(b) * {BLOCK}",
            f"            for i in range(np.uint64({BLOCK})):",
            f"                if {since} == {number}(0) and first + np.int64(i) < a[{LIMIT}]:",
            "                    fired[n] = first + np.int64(i)",
            "                    n += np.uint64(1)",
        ]
    return "\n".join([*out, "    return np.int64(n)", ""])


def _can_fire(program: Program) -> bool:
    """Whether there is a threshold, which alone puts 0 into the count of steps since a spike."""
    result = program.outputs.get(SINCE)
    last = {step.target: step for step in program.instructions}.get(str(result))
    return last is not None and last.operation == "select" and 0.0 in last.operands
