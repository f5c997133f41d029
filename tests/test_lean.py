"""Programs with fewer divisions do what they did."""

import numpy as np
import pytest

from halfbrain.dynamics.evaluate import evaluate
from halfbrain.dynamics.hoist import hoist
from halfbrain.dynamics.instructions import Instruction, Program
from halfbrain.dynamics.lean import lean


def program(*steps, **outputs):
    instructions = tuple(Instruction(name, how, tuple(xs)) for name, how, *xs in steps)
    made = {s.target for s in instructions}
    inputs = {x for s in instructions for x in s.operands if isinstance(x, str)} - made
    return Program(tuple(sorted(inputs)), instructions, outputs)


def divisions(program, known):
    """Left in a program when what is fixed is worked out before."""
    return hoist(program, known)[0].count()["divide"]


def same(before, known, random):
    after = lean(before, set(known))
    for _ in range(20):
        values = {name: random.uniform(-3, 3) for name in before.inputs} | known
        here, there = evaluate(before, values), evaluate(after, values)
        for name, value in here.items():
            assert there[name] == pytest.approx(value, rel=1e-13)
    return after


GATE = program(
    ("alpha", "multiply", 0.1, "v"),
    ("beta", "exp", "v"),
    ("sum", "add", "alpha", "beta"),
    ("target", "divide", "alpha", "sum"),
    ("one", "divide", 1.0, "sum"),
    ("tau", "divide", "one", "q10"),
    ("passed", "divide", "dt", "tau"),
    ("negative", "negate", "passed"),
    ("kept", "exp", "negative"),
    ("apart", "subtract", "target", "m"),
    ("lost", "subtract", 1.0, "kept"),
    ("new", "fused", "apart", "lost", "m"),
    m="new",
)


def test_a_gate_takes_one_division():
    known = {"q10": 2.3, "dt": 0.025}
    after = same(GATE, known, np.random.default_rng(0))
    assert divisions(GATE, known) == 4
    assert divisions(after, known) == 1


def test_a_product_divided_by_a_factor_is_the_other():
    before = program(
        ("rate", "multiply", "x", "y"), ("_1", "divide", "rate", "x"), ("_2", "add", "_1", 1.0),
        z="_2",
    )  # fmt: skip
    after = same(before, {}, np.random.default_rng(1))
    assert after.count() == {"add": 1}
    assert after.inputs == ("y",)


def test_division_by_what_is_fixed_is_a_product():
    before = program(("_0", "divide", "x", 3.7), ("_1", "divide", "_0", "slope"), y="_1")
    known = {"slope": 6.0}
    after = same(before, known, np.random.default_rng(2))
    assert divisions(after, known) == 0
    each = {"slope": np.array([2.0, 5.0])}
    assert evaluate(after, {"x": 3.7, **each})["y"] == pytest.approx([0.5, 0.2])


@pytest.mark.parametrize("blocked", [0.0, 1.0])
def test_a_fixed_choice_between_time_constants_is_looked_through(blocked):
    before = program(
        ("sum", "add", "v", 4.0),
        ("tau", "divide", 1.0, "sum"),
        ("chosen", "select", "blocked", 1e-3, "tau"),
        ("passed", "divide", 0.025, "chosen"),
        y="passed",
    )
    after = same(before, {"blocked": blocked}, np.random.default_rng(3))
    assert before.count()["divide"] == 2
    assert divisions(after, {"blocked": blocked}) == 0


def test_division_by_nought_stays():
    before = program(("_0", "divide", "x", 0.0), y="_0")
    assert np.isinf(evaluate(lean(before, set()), {"x": 1.0})["y"])


def test_what_is_written_does_not_depend_on_values():
    """Cells that are stepped together must get the same bits as alone."""
    after = lean(GATE, {"q10", "dt"})
    rows = {"q10": np.array([2.3, 3.0]), "v": np.array([0.4, -0.2]), "m": np.array([0.1, 0.9])}
    together = evaluate(after, {"dt": 0.025, **rows})["m"]
    for k in range(2):
        one = {name: float(x[k]) for name, x in rows.items()}
        assert evaluate(after, {"dt": 0.025, **one})["m"] == together[k]
