"""Gates in single precision, beside the points where their rates are 0 over 0."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import ModelError
from halfbrain.nmodl import read_mechanism
from halfbrain.program.lean import lean
from halfbrain.program.operations import OPERATIONS
from hand_mechanisms import everywhere, tree

BRANCHES = ((-1, 1, 20.0, 20.0),)
GATE = """
NEURON {{ SUFFIX gate }}
PARAMETER {{ k = {k} }}
ASSIGNED {{ v w }}
STATE {{ a b c }}
INITIAL {{ a = 0 b = 0 c = 0 }}
BREAKPOINT {{ SOLVE states METHOD euler }}
DERIVATIVE states {{
    LOCAL x
    x = v + 40
    {body}
}}
FUNCTION Exp(x) {{ if (x < -100) {{ Exp = 0 }} else {{ Exp = exp(x) }} }}
FUNCTION vtrap(x, y) {{
    if (fabs(x / y) < 1e-6) {{ vtrap = y * (1 - x / y / 2) }}
    else {{ vtrap = x / (Exp(x / y) - 1) }}
}}
"""
# As files write x / (exp(x / k) - 1), a up and b down; c is what goes along.
FORMS = {
    "bare": "a' = -0.1*x/(1 - exp(x/k))  b' = 0.1*x/(1 - exp(-x/k))",
    "reversed": "a' = 0.1*x/(-1 + exp(x/k))  b' = 0.1*(-x)/(exp(-(v + 40)/k) - 1)",
    "vtrap": "a' = 0.1*vtrap(x, k)  b' = 0.1*vtrap(-(v + 40), k)",
    "moved": "if (x == 0) { x = x + 1e-5 }  a' = 0.1*x/(exp(x/k) - 1)  b' = 0.1*x/(1 - exp(-x/k))",
    "shared": "c' = exp((v + 55)/k)  a' = 0.1*x/(exp(x/k) - 1)  b' = 0.1*x/(1 - exp(-x/k))",
}


def stepped(text, v, dtype, *names):
    """The states after a step of 0.025 ms at a voltage that stays."""
    made = CableSimulation(
        [tree(BRANCHES, [everywhere(read_mechanism(text), BRANCHES)], v_init=v)], dtype=dtype
    )
    records = [made.record(0, 0, name, 0) for name in names]
    made.run(0.025)
    return [made.recorded(record)[-1] for record in records]


def rate(x, k):
    """0.1 x / (exp(x / k) - 1)."""
    return 0.1 * k if x == 0 else 0.1 * x / math.expm1(x / k)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("away", [0.0, 3.8e-6, -1e-5, 1e-3, 0.1, -7.0, 60.0])
def test_a_rate_is_right_beside_its_singular_point(form, away):
    """In the first form 1 - exp left 17 % of it to chance at 1e-5 mV."""
    v = float(np.float32(-40.0 + away))
    text = GATE.format(k=10.0, body=FORMS[form])
    up, down = stepped(text, v, "float32", "a", "b")
    assert up == pytest.approx(0.025 * rate(v + 40, 10), rel=1e-6)
    assert down == pytest.approx(0.025 * rate(-v - 40, 10), rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("x", [-100.0, 50.0, 95.0])
def test_a_steep_rate_does_not_overflow(x, dtype):
    """Where exp(x / k) ends, x exp(x / k) / (exp(x / k) - 1) was infinite."""
    k = 1.0 if dtype == "float32" else 0.1
    up, down = stepped(GATE.format(k=k, body=FORMS["bare"]), x - 40, dtype, "a", "b")
    assert up == pytest.approx(0.0025 * max(-x, 0), rel=1e-6, abs=1e-15)
    assert down == pytest.approx(0.0025 * max(x, 0), rel=1e-6, abs=1e-30)


@pytest.mark.parametrize("tau", [1e3, 1e5, 1e7])
def test_a_slow_gate_moves_in_single_precision(tau):
    """1 - exp(-dt/tau) was 0 for a time constant of a thousand seconds."""
    body = f"a' = (1 - a)/({tau} + 0*v)  b' = (1 - b)/(v*v - v*v + {tau}*exp(0*v))"
    text = GATE.format(k=1.0, body=body).replace("euler", "cnexp")
    assert stepped(text, -65.0, "float32", "a", "b") == pytest.approx([0.025 / tau] * 2, rel=2e-5)


@pytest.fixture(scope="module")
def programs():
    texts = [GATE.format(k=1.0, body=form) for form in FORMS.values()]
    return [lean(read_mechanism(text).step(1.0), {"k"}, single=True) for text in texts]


@settings(deadline=None, max_examples=50)
@given(x=st.floats(-60, 60), k=st.floats(0.3, 50))
def test_every_form_is_right_to_rounding(programs, x, k):
    """As NumPy has each operation in single precision."""
    v, k = (float(np.float32(number)) for number in (x - 40, k))
    for program in programs:
        out = in_single(program, {"v": v, "k": k, "a": 0.0, "b": 0.0, "c": 0.0})
        assert out["a"] == pytest.approx(rate(v + 40, k), rel=3e-5, abs=1e-30)
        assert out["b"] == pytest.approx(rate(-v - 40, k), rel=3e-5, abs=1e-30)


def in_single(program, known):
    """What a program puts out, each operation rounded."""
    values = {n: np.float32(known[n]) for n in program.inputs}

    def value(x):
        return values[x] if isinstance(x, str) else np.float32(x)

    with np.errstate(all="ignore"):
        for step in program.instructions:
            operands = [value(x) for x in step.operands]
            if step.operation in ("exp", "expm1"):
                operands = [np.clip(operands[0], np.float32(-87.3), np.float32(80))]
            values[step.target] = np.float32(OPERATIONS[step.operation].numpy(*operands))
    return {name: float(value(x)) for name, x in program.outputs.items()}


BEYOND = """
NEURON {{ SUFFIX beyond  NONSPECIFIC_CURRENT i }}
PARAMETER {{ tau = 1 }}
ASSIGNED {{ v i }}
STATE {{ x }}
BREAKPOINT {{ SOLVE states METHOD cnexp  i = {current} }}
DERIVATIVE states {{ x' = -x/tau + v }}
"""


@pytest.mark.parametrize(
    ("current", "tau", "what"),
    [
        ("x", 1e-46, "tau is 1e-46"),
        ("tau*v", 1e39, r"tau is 1e\+39"),
        ("1e-46*x*v", 1, "a number of the file is 1e-46"),
        ("1e50*v", 1, r"a number of the file is 1e\+50"),
        ("x*v/(tau*1e-46)", 1, r"what follows from its parameters is 1e\+46"),
    ],
)
def test_what_single_precision_cannot_hold_is_said(current, tau, what):
    placed = everywhere(read_mechanism(BEYOND.format(current=current)), BRANCHES)
    cells = [tree(BRANCHES, [replace(placed, parameters={"tau": tau})])]
    with pytest.raises(ModelError, match=f"beyond: {what}, which does not fit float32"):
        CableSimulation(cells, dtype="float32")
    CableSimulation(cells, dtype="float64")


@pytest.mark.parametrize("current", ["v/(v*v + 1e-50)", "v*(x < 1e-60)", "v + fmin(x, 1e60)"])
def test_a_files_guards_may_be_as_large_or_small_as_they_like(current):
    made = CableSimulation(
        [tree(BRANCHES, [everywhere(read_mechanism(BEYOND.format(current=current)), BRANCHES)])],
        dtype="float32",
    )
    made.run(0.1)
