"""A point neuron's step as one program, and the compiled random numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halfbrain.codegen.kernel import scalar_function
from halfbrain.errors import ModelError
from halfbrain.program.point import LONG_AGO, SINCE, point_model
from halfbrain.random import compiled, philox

LIF = "dv/dt = (I - v)/tau : volt (unless refractory)\nI : volt"
TAU = {"tau": "10 ms", "Vt": "10 mV", "Vr": "1 mV"}


def lif(**changes):
    how = {
        "constants": TAU,
        "threshold": "v > Vt",
        "reset": "v = Vr",
        "refractory": "2 ms",
        "receptors": {"ex": "v"},
    }
    return point_model(LIF, 1e-4, **(how | changes))


def stepped(model, steps, **start):
    function = scalar_function(model.program)
    at = dict.fromkeys(model.program.inputs, 0.0) | {SINCE: LONG_AGO} | start
    fired = []
    for step in range(steps):
        at |= dict(
            zip(model.program.outputs, function(*map(at.get, model.program.inputs)), strict=True)
        )
        if at[SINCE] == 0:
            fired.append(step)
    return at, fired


def test_a_neuron_fires_rests_and_fires_again_when_the_closed_form_says():
    _, fired = stepped(lif(), 1000, I=0.012)
    # v reaches the threshold after tau ln(I / (I - Vt)) from 0, and from the reset in less.
    first = 0.010 * np.log(0.012 / 0.002)
    next_ = 0.010 * np.log(0.011 / 0.002)
    assert fired[0] == int(first / 1e-4)
    # Brian2 holds a neuron for 19 steps of 20: the one in which it fired is the first.
    assert fired[1] - fired[0] == int(next_ / 1e-4) + 1 + 19
    assert np.ptp(np.diff(fired)) == 0


def test_what_arrives_is_added_in_the_unit_of_the_receptor():
    at, _ = stepped(lif(), 1, **{"+ex": 3.0, "*ex": 1e-3})
    assert at["v"] == pytest.approx(3e-3 * np.exp(-0.01), rel=1e-12)


def test_a_reset_sees_what_earlier_lines_set():
    model = lif(reset="v = Vr; v += Vr", refractory="0 ms")
    at, _ = stepped(model, 1, v=0.5, **{SINCE: 0.0})
    assert at["v"] == pytest.approx(2e-3 * np.exp(-0.01), rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": "v + 1 > 2"}, "threshold: 'v + 1' cannot add v"),
        ({"threshold": "v"}, "threshold: 'v' is a number, not true or false"),
        ({"threshold": "1 > 2"}, "threshold: '1 > 2' is always False"),
        ({"reset": "u = 1"}, "reset: 'u = 1' must be NAME = VALUE, NAME one of v, I"),
        ({"reset": "v = 3"}, "reset: 'v = 3' is in a pure number, but v is in volt"),
        ({"reset": "v = v > Vt"}, "reset: 'v = v > Vt' sets a number to true or false"),
        ({"refractory": "2 mV"}, "refractory: '2 mV' is in"),
        ({"refractory": "-1 ms"}, "refractory: '-1 ms' is not between 0 and"),
        ({"receptors": {"ex": "g"}}, "receptor 'ex': 'g' is no variable of the neuron"),
    ],
)
def test_what_is_wrong_is_one_line(changes, message):
    with pytest.raises(ModelError) as caught:
        lif(**changes)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


words = st.integers(0, 2**32 - 1)


@given(st.tuples(words, words, words, words), st.integers(0, 2**64 - 1))
@settings(max_examples=100, deadline=None)
def test_philox_is_the_same_compiled_on_arrays_and_on_whole_numbers(counter, key):
    c0, c1, c2, c3 = counter
    k0, k1 = key % 2**32, key >> 32
    for _ in range(10):  # Salmon et al. 2011, in whole numbers of any size
        (high0, low0), (high1, low1) = (
            divmod(0xD2511F53 * c0, 2**32),
            divmod(0xCD9E8D57 * c2, 2**32),
        )
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    words = compiled.philox4x32(*map(np.uint64, counter), np.uint64(key))
    assert [int(word) for word in words] == [c0, c1, c2, c3]
    arrays = philox.philox4x32(*(np.full(2, word, np.uint64) for word in counter), np.uint64(key))
    assert [int(word[1]) for word in arrays] == [c0, c1, c2, c3]
    assert compiled.unit53(words[0], words[1]) == philox.unit53(*arrays[:2])[1]


def test_numbers_made_of_words_keep_their_bounds():
    ends = np.array([0, 2**32 - 1], np.uint64)
    assert all(0 < compiled.uniform(word) < 1 for word in ends)
    assert [compiled.below(word, np.uint64(7)) for word in ends] == [0, 6]
    assert all(abs(x) < 6.8 for x in compiled.normals(*ends))


_HELD = (
    "dv/dt = (1.5 - v - 0.1*u)/(5*ms) : 1 (unless refractory)\n"
    "du/dt = (v - u)/(7*ms) : 1\ndw/dt = (u - w)/(9*ms) : 1"
)
_HELD_IN_A_WAVE = _HELD.replace("- 0.1*u)", "+ 0.1*sin(6.283185307179586*u))")


@pytest.mark.parametrize(
    ("text", "method", "u", "w", "tolerance"),
    [
        # Brian2 2.9's rk4 (numpy target): 60 ms at 0.1 ms, threshold 1, reset 0.2, rest of 4 ms.
        (_HELD, "rk4", 0.553414132118298, 0.4671105494316298, 1e-13),
        (_HELD, "exact", 0.553414132118298, 0.4671105494316298, 1e-8),
        (_HELD_IN_A_WAVE, "rk4", 0.40775475091958413, 0.459866150782317, 1e-13),
    ],
)
def test_a_held_variable_stands_still_for_the_others_too(text, method, u, w, tolerance):
    model = point_model(
        text, 1e-4, threshold="v > 1", reset="v = 0.2", refractory="4 ms", method=method
    )
    at, fired = stepped(model, 600, v=0.0, u=0.0, w=0.0)
    assert len(fired) == 7
    assert at["u"] == pytest.approx(u, rel=tolerance)
    assert at["w"] == pytest.approx(w, rel=tolerance)


def test_what_no_held_variable_moves_is_stepped_once():
    text = f"{LIF.splitlines()[0]}\ndI/dt = -I/(3*ms) : volt"
    how = {"constants": TAU, "threshold": "v > Vt", "reset": "v = Vr"}
    held = point_model(text, 1e-4, refractory="2 ms", **how).program.count()
    never = point_model(text, 1e-4, refractory="0 ms", **how).program.count()
    assert held["multiply"] + held["fused"] == never["multiply"] + never["fused"]
