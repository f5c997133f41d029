"""Every operation has every form, or says why not; and all forms of one give the same number."""

import ctypes
import re

import numpy as np
import pytest

from halfbrain.codegen import picks
from halfbrain.codegen.arrays import array_function
from halfbrain.codegen.kernel import scalar_function
from halfbrain.codegen.lanes import COUNT, RECORD, Loop, Place, Result
from halfbrain.nmodl import read_mechanism
from halfbrain.nmodl.printing import printed
from halfbrain.nmodl.slopes import Slope
from halfbrain.nmodl.values import Values
from halfbrain.program.evaluate import evaluate
from halfbrain.program.instructions import Instruction, Program
from halfbrain.program.operations import FLOP, OPERATIONS, Missing

PLACES = 8
FIXED = {name: one for name, one in OPERATIONS.items() if not isinstance(one.numpy, Missing)}
# Their slope goes by 0 and 1 in the first operand, and of a power the base is above 0.
GIVEN = np.random.default_rng(3).uniform(0.1, 2.0, (3, PLACES))
GIVEN[0, ::3] = 0.0


def operands(one):
    return sorted({int(k) for k in re.findall(r"\{(\d)\}", one.scalar)})


def given(name):
    chosen = GIVEN[: len(operands(OPERATIONS[name]))].copy()
    if name in ("log", "sqrt", "power"):
        chosen[0] += 0.5
    if name in ("absolute", "floor", "negate"):
        chosen[0] -= 1.2
    return chosen


def program_of(name):
    """Of one operation; a condition stays 1 or 0."""
    inputs = tuple("abc"[: len(operands(OPERATIONS[name]))])
    return Program(inputs, (Instruction("_0", name, inputs),), {"y": "_0"})


def by_numpy(name, x):
    return np.asarray(evaluate(program_of(name), dict(zip("abc", x, strict=False)))["y"])


def test_what_is_missing_says_why():
    for name, one in OPERATIONS.items():
        assert one.kind in FLOP
        assert operands(one) == list(range(len(operands(one))))
        for form in (one.numpy, one.number, one.nmodl, one.slope, one.array):
            if isinstance(form, Missing):
                assert len(form.why) > 20, name
    assert {name for name, one in OPERATIONS.items() if isinstance(one.array, Missing)} == {
        "uniform", "normal", "advance", "pick",
        "polar", "polar_drawn", "binomial", "binomial_drawn",
    }  # fmt: skip
    assert {name for name in FIXED if isinstance(FIXED[name].nmodl, Missing)} == {"expm1", "floor"}
    # Vectors have all but what an engine draws by its own seed.
    assert {*OPERATIONS} - {*FIXED} - {*picks.OPERATIONS} == {"uniform", "normal"}


@pytest.mark.parametrize("name", FIXED)
def test_python_and_arrays_have_the_number_of_numpy(name):
    x = given(name)
    right = by_numpy(name, x)
    told = x != 0 if name in ("and", "or") else x  # Python's take truths alone
    scalar = scalar_function(program_of(name))
    assert np.allclose([scalar(*column)[0] for column in told.T], right, rtol=1e-15, atol=0)
    found = np.asarray(array_function(program_of(name), np)(*told)[0], float)
    assert np.array_equal(found, right)
    number = FIXED[name].number
    if not isinstance(number, Missing):
        folded = [Values().emit(name, *map(float, column)) for column in x.T]
        assert np.allclose(folded, right, rtol=1e-15, atol=0)


@pytest.mark.parametrize("lanes", [1, 4])
def test_vectors_have_the_numbers_of_numpy(lanes):
    """All operations in one loop."""
    steps, outputs, inputs = [], {}, {}
    for name in FIXED:
        own = [f"{name} {k}" for k in range(len(given(name)))]
        inputs |= dict(zip(own, given(name), strict=True))
        steps.append(Instruction(f"_{name}", name, tuple(own)))
        outputs[f"of {name}"] = f"_{name}"
    program = Program(tuple(inputs), tuple(steps), outputs)
    rows = [*inputs, *outputs]
    record = np.zeros((PLACES // lanes, len(rows), lanes))
    for k, values in enumerate(inputs.values()):
        record[:, k] = values.reshape(-1, lanes)
    at = {name: Place("record", k) for k, name in enumerate(rows)}
    results = [Result(name, at[name]) for name in outputs]
    where = {name: at[name] for name in inputs}
    made = Loop(program, where, results, {RECORD: len(rows)}, lanes, np.float64).compiled()
    arguments = np.zeros(8, np.int64)
    arguments[COUNT], arguments[RECORD] = len(record), record.ctypes.data
    made.go.ctypes(arguments.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)))
    for k, name in enumerate(FIXED, start=len(inputs)):
        found, right = record[:, k].ravel(), by_numpy(name, given(name))
        assert np.allclose(found, right, rtol=1e-14, atol=1e-15), name


SLOPES = [name for name, one in FIXED.items() if not isinstance(one.slope, Missing)]


@pytest.mark.parametrize("name", SLOPES)
def test_a_slope_is_the_limit_of_differences(name):
    x, h = given(name) + 1e-3, 1e-6
    for k, by in enumerate("abc"[: len(x)]):
        if name == "select" and by == "a":
            continue  # it jumps
        values = Values()
        slope = Slope(values, by).of(values.emit(name, *"abc"[: len(x)]))
        program = values.program({"slope": slope})
        known = dict(zip("abc", x, strict=False))
        up, down = x.copy(), x.copy()
        up[k] += h
        down[k] -= h
        right = (by_numpy(name, up) - by_numpy(name, down)) / (2 * h)
        assert np.allclose(evaluate(program, known)["slope"], right, rtol=1e-6, atol=1e-8)


TEXTS = [name for name, one in FIXED.items() if not isinstance(one.nmodl, Missing)]


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_written_in_nmodl_is_read_as_the_same(name, tmp_path):
    x = given(name)
    found = printed(program_of(name), "local")
    file = tmp_path / "one.mod"
    file.write_text(
        "NEURON { SUFFIX one RANGE a, b, c }\nPARAMETER { a b c }\nSTATE { y }\n"
        f"INITIAL {{\n{found.body(found.outputs)}}}\n"
    )
    initial = read_mechanism(file).initial
    read = evaluate(initial, dict(zip("abc", [*x, x[0], x[0]], strict=False)))["y"]
    assert np.allclose(read, by_numpy(name, x), rtol=1e-15, atol=0)
