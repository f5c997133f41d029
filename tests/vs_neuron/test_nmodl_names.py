"""One name for several things in a .mod file, and the voltage that one sets; as NEURON has them.

The numbers are NEURON 9.0.2's, of the same files and cell.
"""

import numpy as np
import pytest

from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import ModelError, RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, pas

ARGUMENT = """
NEURON { POINT_PROCESS Named RANGE w, e NONSPECIFIC_CURRENT i }
PARAMETER { w=2e-5 tau=5 (ms) e=0 (mV) }
ASSIGNED { v (mV) i (nA) }
STATE { g }
INITIAL { g=0 }
BREAKPOINT { SOLVE s METHOD cnexp i=g*(v-e) }
DERIVATIVE s { g'=-g/tau }
NET_RECEIVE(w) { g = g + w/2 }
"""
# Arguments of events, of a FUNCTION and of a PROCEDURE, and a LOCAL, named as STATEs and others.
HIDING = """
NEURON { POINT_PROCESS Hiding RANGE got NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (nA) got }
STATE { g s }
INITIAL { g = 0 s = 7 got = 0 }
BREAKPOINT { SOLVE d METHOD cnexp i = g*v }
DERIVATIVE d { g' = -g/5 s' = -s/9 }
FUNCTION twice(s) { twice = 2*s }
PROCEDURE take(got) { got = got*2 g = g + got }
NET_RECEIVE(w, s, t0) { LOCAL g
  INITIAL { s = s + 1 t0 = 3 }
  g = twice(w) take(g*s) got = got + s*100 + t0 }
"""
COUNTER = "NEURON { POINT_PROCESS Counter RANGE n } ASSIGNED { n } INITIAL { n = 0 }\n"
RESET = """
NEURON { POINT_PROCESS Reset RANGE c, thresh NONSPECIFIC_CURRENT i }
PARAMETER { c=-60 (mV) thresh=-50 (mV) }
ASSIGNED { v (mV) i (nA) }
INITIAL { net_send(0,1) }
BREAKPOINT { i = -0.2 }
NET_RECEIVE(w) { if (flag==1) { WATCH (v > thresh) 2 } if (flag==2) { net_event(t) v = c } }
"""
SETS_V = """
NEURON { SUFFIX setsv NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) }
%s
"""


def simulation(text, dtype="float64", *, copies=1):
    leak = Placed(pas(), np.array([0]), {"g": 3e-4, "e": -70.0})
    placed = [leak, Placed(read_mechanism(text), np.array([0]), {})]
    cell = cylinder(1, 20.0, 20.0, 100.0, placed, v_init=-70.0)
    return CableSimulation([cell] * copies, dtype=dtype, threads=1)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_event_brings_its_argument_whatever_parameter_has_that_name(dtype):
    made = simulation(ARGUMENT, dtype)
    made.connect(made.play([1.0]), 0, 1, 0, 0, 0.01)
    g, v = made.record(0, 0, "g", 1), made.record(0, 0)
    made.run(2.0)
    # The parameter's 2e-5 would give g = 1e-5.
    assert made.recorded(g)[41] == pytest.approx(0.004975062395963412, rel=1e-6)
    assert made.recorded(v)[-1] == pytest.approx(-51.6848646985523, rel=1e-6)


def test_names_of_a_block_hide_those_of_the_file():
    made = simulation(HIDING)
    made.connect(made.play([1.0]), 0, 1, 0, 0, 0.01, 5.0, 9.0)
    g, s, got = (made.record(0, 0, name, 1) for name in ("g", "s", "got"))
    made.run(2.0)
    decay = np.exp(-0.025 / 5)
    assert made.recorded(g)[41] == pytest.approx(2 * 0.02 * 6 * decay, rel=1e-12)
    assert made.recorded(s)[-1] == pytest.approx(7 * np.exp(-2.0 / 9), rel=1e-12)
    assert made.recorded(got)[-1] == 603.0  # s is 5 + 1, t0 is 3


@pytest.mark.parametrize(
    ("receive", "counted"),
    [
        ("NET_RECEIVE(w) { n = n + 1 }", 2.0),
        ("NET_RECEIVE(w, p) { INITIAL { } n = n + w*100 + p }", 12.0),
        # Without an INITIAL of its own only the first argument of a connection is kept.
        ("NET_RECEIVE(w, p) { n = n + w*100 + p }", 2.0),
    ],
)
def test_a_point_process_without_states_takes_events(receive, counted):
    made = simulation(COUNTER + receive, copies=3)
    weights = (0.01, 5.0)[: 2 if "p" in receive else 1]
    made.connect(made.play([1.0, 1.5]), 2, 1, 0, 0, *weights)
    n = made.record(2, 0, "n", 1)
    made.run(2.0)
    assert made.recorded(n)[-1] == pytest.approx(counted, rel=1e-12)


def test_events_may_come_where_they_change_nothing():
    made = simulation("NEURON { POINT_PROCESS Deaf } NET_RECEIVE(w) { }")
    made.connect(made.play([1.0]), 0, 1, 0, 0, 1.0)
    made.run(2.0)
    assert [count for _, count in made.received()] == [1]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_event_sets_the_voltage(dtype):
    made = simulation(RESET, dtype)
    spikes = made.sends(0, 1, 0)
    v = made.record(0, 0)
    made.run(50.0)
    trace = made.recorded(v)
    falls = np.flatnonzero(np.diff(trace) < -1) + 1
    assert falls[:4].tolist() == [65, 101, 137, 173]
    assert trace[[64, 65, -1]] == pytest.approx(
        [-49.83467915616775, -59.679516270243745, -51.87269514443044], rel=2e-6
    )
    times, sources = made.spikes()
    assert (sources == spikes).all()
    assert times[:2] == pytest.approx([1.6, 2.5])


@pytest.mark.parametrize(
    ("blocks", "volts"),
    [
        ("INITIAL { v = -40 } BREAKPOINT { i = 1e-4*(v+65) }", -49.25067586181441),
        ("BREAKPOINT { v = v + 5 i = 1e-4*(v+65) }", -50.477321903539185),
    ],
)
def test_v_set_elsewhere_holds_in_its_block_alone_and_that_is_said(blocks, volts):
    made = simulation(SETS_V % blocks)
    notes = made.cells[0].placed[1].mechanism.notes
    assert any("v as " in note and "as in NEURON" in note for note in notes), notes
    made.current_clamp(0, 0, 0.0, 100.0, 0.1)
    v = made.record(0, 0)
    made.run(10.0)
    assert made.recorded(v)[-1] == pytest.approx(volts, rel=1e-9)


def test_what_belongs_to_the_cell_is_not_the_files_to_set():
    notes = read_mechanism(SETS_V % "INITIAL { celsius = 30 } BREAKPOINT { i = 1e-4*v }").notes
    assert any("sets celsius, which is not done" in note for note in notes)


def test_the_flag_of_an_event_is_no_variable_of_the_file():
    own = COUNTER.replace("ASSIGNED { n }", "PARAMETER { flag = 3 } ASSIGNED { n }")
    with pytest.raises(ModelError, match=r"<text>:2: in NET_RECEIVE 'flag' is the event's"):
        read_mechanism(own + "NET_RECEIVE(w) { n = n + flag }")
    assert read_mechanism(own + "NET_RECEIVE(w) { n = n + 1 }").arguments == ("w",)


@pytest.mark.parametrize("name", ["i", "g", "base", "up", "down", "nothing"])
def test_what_the_solver_keeps_is_not_recorded(name):
    with pytest.raises(RunError, match=f"no variable '{name}' of compartments is recorded"):
        simulation(ARGUMENT).record(0, 0, name)


def test_a_variable_that_a_mechanism_does_not_keep_is_told_with_those_it_does():
    with pytest.raises(RunError, match=r"no variable 'tau' of Named .* there are: g"):
        simulation(ARGUMENT).record(0, 0, "tau", 1)


def test_a_current_that_a_file_writes_and_takes_is_its_own():
    text = """NEURON { SUFFIX own USEION k READ ek WRITE ik RANGE x }
    ASSIGNED { v (mV) ek (mV) ik (mA/cm2) } STATE { x }
    INITIAL { x = ik }
    BREAKPOINT { SOLVE s METHOD cnexp ik = 1e-4*(v-ek)*(1+x) }
    DERIVATIVE s { x' = (1000*ik - x)/3 }"""
    made = simulation(text)
    made.current_clamp(0, 0, 2.0, 20.0, 0.1)
    v, x = made.record(0, 0), made.record(0, 0, "x", 1)
    made.run(20.0)
    assert made.recorded(v)[[1, -1]] == pytest.approx([-70.01732673267327, -68.16836496527543])
    assert made.recorded(x)[[1, -1]] == pytest.approx([0.005809095152786825, 7.396951488143098])


SHARED = """
NEURON { SUFFIX shares  RANGE n  GLOBAL many, q, inf }
PARAMETER { q10 = 3 }
ASSIGNED { v many q inf n celsius }
STATE { m }
INITIAL { many = 0 }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states {
    q = q10^((celsius - 20)/10)
    m' = q*(inf - m)/many
    PROTECT many = many + 1
    n = many
    inf = 1/(1 + exp(-v/9))
}
"""


def test_a_variable_that_all_places_share_in_neuron_is_said_where_that_differs():
    notes = [note for note in read_mechanism(SHARED).notes if "GLOBAL" in note]
    assert sorted(note.split()[1] for note in notes) == ["inf", "many"]
