"""Operations on vectors, against NumPy in more precision."""

import ctypes

import numpy as np
import pytest

from halfbrain.codegen.kernel import scalar_function
from halfbrain.codegen.lanes import COUNT, NOTED, RECORD, Loop, Place, Result
from halfbrain.program.hoist import hoist, used
from halfbrain.program.instructions import Instruction, Program

RANGES = {
    "exp": (np.linspace(-80, 80, 16000), np.exp, 1.01),
    "expm1": (np.linspace(-2, 2, 16000), np.expm1, 2.5),
    "log": (
        np.concatenate([np.geomspace(1e-30, 1e30, 8000), np.linspace(0.5, 2, 8000)]),
        np.log,
        3,
    ),
    "tanh": (np.linspace(-30, 30, 16000), np.tanh, 4),
    "sqrt": (np.geomspace(1e-20, 1e20, 16000), np.sqrt, 1),
    "sin": (np.linspace(-3, 3, 16000), np.sin, 1),
}


def through(operation, x, dtype, lanes):
    record = np.zeros((len(x) // lanes, 2, lanes), dtype)
    record[:, 0] = np.asarray(x, dtype).reshape(-1, lanes)
    program = Program(("x",), (Instruction("_0", operation, ("x",)),), {"y": "_0"})
    places = {"x": Place("record", 0)}, [Result("y", Place("record", 1))]
    made = Loop(program, *places, {RECORD: 2}, lanes, dtype).compiled()
    arguments = np.zeros(8, np.int64)
    arguments[COUNT], arguments[RECORD] = len(record), record.ctypes.data
    made.go.ctypes(arguments.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)))
    return record[:, 1].ravel()


@pytest.mark.parametrize(("dtype", "lanes"), [(np.float32, 16), (np.float64, 8), (np.float64, 1)])
@pytest.mark.parametrize("operation", RANGES)
def test_functions_are_right_to_the_last_places(operation, dtype, lanes):
    x, function, ulps = RANGES[operation]
    x = x.astype(dtype)
    right = function(x.astype(np.longdouble))
    wrong = abs(through(operation, x, dtype, lanes) - right)
    assert (wrong <= ulps * np.spacing(abs(right.astype(dtype)))).all()


def test_what_has_no_logarithm_has_none():
    x = np.array([0.0, -1.0, np.inf, np.nan, 1.0, 2.0, 4.0, 8.0])
    with np.errstate(all="ignore"):
        assert np.allclose(through("log", x, np.float64, 8), np.log(x), equal_nan=True)


def test_what_is_known_is_worked_out_before():
    steps = (
        Instruction("_0", "exp", ("a",)),
        Instruction("_1", "multiply", ("_0", "x")),
        Instruction("_2", "add", ("_1", 2.0)),
        Instruction("_3", "multiply", ("x", "x")),
    )
    program = Program(("a", "x"), steps, {"y": "_2", "unused": "_3", "early": "_0"})
    late, numbers = hoist(used(program, {"y", "early"}), {"a": 0.5})
    assert [step.target for step in late.instructions] == ["_1", "_2"]
    assert numbers == {"_0": np.exp(0.5)}
    given = {"x": 3.0, **numbers}
    result = scalar_function(late)(*(given[name] for name in late.inputs))
    assert result == (3 * np.exp(0.5) + 2, np.exp(0.5))


@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_only_noted_turns_put_out_anything(lanes):
    record = np.zeros((40, 2, lanes))
    record[:, 1] = -7
    chosen = np.random.default_rng(3).choice(40 * lanes, 9, replace=False)
    record[chosen // lanes, 0, chosen % lanes] = 1 + chosen
    program = Program(("x",), (Instruction("_0", "greater", ("x", 0.0)),), {"y": "x", "some": "_0"})
    places = {"x": Place("record", 0)}, [Result("y", Place("record", 1))]
    made = Loop(program, *places, {RECORD: 2}, lanes, np.float64, noted="some").compiled()
    noted, arguments = np.full(40, -1), np.zeros(8, np.int64)
    arguments[COUNT], arguments[RECORD] = len(record), record.ctypes.data
    arguments[NOTED] = noted.ctypes.data
    n = made.go.ctypes(arguments.ctypes.data_as(ctypes.POINTER(ctypes.c_int64)))
    turns = np.unique(chosen // lanes)
    assert (noted[:n] == turns).all()
    assert (noted[n:] == -1).all()
    assert (record[turns, 1] == record[turns, 0]).all()
    assert (np.delete(record[:, 1], turns, 0) == -7).all()
