"""Programs with fewer divisions do what they did."""

import numpy as np
import pytest

from halfbrain.program.evaluate import evaluate
from halfbrain.program.hoist import hoist
from halfbrain.program.instructions import Instruction, Program
from halfbrain.program.lean import lean


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


def exponentials(before, known):
    return hoist(before, known)[0].count()["exp"]


def test_exponents_that_are_multiples_take_one_exponential():
    before = program(
        ("_0", "add", "v", 0.4), ("_1", "divide", "_0", -1.0), ("a", "exp", "_1"),
        ("_2", "subtract", "v", 0.3), ("_3", "divide", "_2", -2.0), ("b", "exp", "_3"),
        ("_4", "fused", -0.125, "v", 0.7), ("c", "exp", "_4"),
        ("_5", "multiply", "v", 0.3), ("d", "exp", "_5"),
        a="a", b="b", c="c", d="d",
    )  # fmt: skip
    after = same(before, {}, np.random.default_rng(4))
    assert exponentials(before, {}) == 4
    assert exponentials(after, {}) == 2


def test_both_rates_of_a_gate_take_one_exponential_and_one_division():
    """As x / (1 - exp(-x/s)) and -x / (1 - exp(x/s)), in a file's own words."""
    before = program(
        ("_0", "subtract", "v", "half"), ("_1", "subtract", "half", "v"),
        ("_2", "divide", "_1", "slope"), ("_3", "exp", "_2"), ("_4", "subtract", 1.0, "_3"),
        ("up", "divide", "_0", "_4"),
        ("_5", "divide", "_0", "slope"), ("_6", "exp", "_5"), ("_7", "subtract", 1.0, "_6"),
        ("down", "divide", "_1", "_7"),
        ("_8", "subtract", "_6", 1.0), ("other", "divide", 2.0, "_8"),
        up="up", down="down", other="other",
    )  # fmt: skip
    known = {"half": -1.3, "slope": 0.9}
    after = same(before, known, np.random.default_rng(5))
    assert exponentials(before, known) == 2
    assert exponentials(after, known) == 1
    assert divisions(after, known) == 1


def test_exponents_far_apart_keep_their_exponentials():
    """A factor of exp(100) would be infinite in single precision."""
    before = program(
        ("a", "exp", "v"), ("_0", "add", "v", -100.0), ("b", "exp", "_0"), a="a", b="b"
    )  # fmt: skip
    assert exponentials(same(before, {}, np.random.default_rng(6)), {}) == 2
