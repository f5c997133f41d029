"""TABLE, by choice, and equations that Newton's method or single precision does not solve.

The numbers are NEURON 9.0.2's.
"""

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from halfbrain.cli.app import app
from halfbrain.engine.cable.simulation import CableSimulation
from halfbrain.errors import ModelError, RunError
from halfbrain.morphology.compartments import Placed
from halfbrain.nmodl import read_mechanism
from hand_mechanisms import cylinder, pas

TABLE = """
NEURON { SUFFIX tab NONSPECIFIC_CURRENT i RANGE gb }
PARAMETER { gb=2e-3 }
ASSIGNED { v (mV) i (mA/cm2) minf mtau }
STATE { m }
INITIAL { rates(v) m=minf }
BREAKPOINT { SOLVE s METHOD cnexp i=gb*m*(v-50) }
DERIVATIVE s { rates(v) m'=(minf-m)/mtau }
PROCEDURE rates(v) { TABLE minf, mtau FROM -100 TO 100 WITH 20
 minf=1/(1+exp(-(v+40)/3)) mtau=0.5+4/(1+exp((v+40)/5)) }
"""
FUNCTION = """
NEURON { POINT_PROCESS Curve RANGE y GLOBAL width }
PARAMETER { width = 4 } STATE { y }
INITIAL { y = 0 }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { y' = (f(%s) - y)*1e9 }
FUNCTION f(x) { TABLE DEPEND width FROM -width TO width WITH 8 f = x*x }
"""
STIFF = """
NEURON { SUFFIX stiff RANGE x0v }
PARAMETER { x0v = 42 } ASSIGNED { v (mV) } STATE { x }
INITIAL { x = x0v }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { x' = -x/(1+x) }
"""
UNEQUAL = """
NEURON { SUFFIX unequal RANGE vx }
PARAMETER { vx = 1e9 vz = 13 } ASSIGNED { v (mV) } STATE { X Y Z }
INITIAL { X=40 Y=8 Z=1 SOLVE kin STEADYSTATE sparse }
BREAKPOINT { SOLVE kin METHOD sparse }
KINETIC kin { COMPARTMENT vx { X Y } COMPARTMENT vz { Z }
  ~ X + Y <-> Z (3,4)
  CONSERVE Y + Z = 8*vx + vz }
"""


def simulation(mechanism, dtype="float64", **parameters):
    leak = Placed(pas(), np.array([0]), {"g": 3e-4, "e": -70.0})
    placed = [leak, Placed(mechanism, np.array([0]), parameters)]
    return CableSimulation([cylinder(1, 20.0, 20.0, 100.0, placed, v_init=-70.0)], dtype=dtype)


@pytest.mark.parametrize(
    ("usetable", "volts", "gate"),
    [(True, 35.76823574112879, 0.9867025289237393), (False, 29.76206301679517, 0.9491684589632307)],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_table_has_neurons_numbers_by_choice(usetable, volts, gate, dtype):
    made = simulation(read_mechanism(TABLE, usetable=usetable), dtype)
    made.current_clamp(0, 0, 2.0, 20.0, 0.1)
    v, m = made.record(0, 0), made.record(0, 0, "m", 1)
    made.run(10.0)
    within = 1e-9 if dtype == "float64" else 1e-5
    assert made.recorded(v)[-1] == pytest.approx(volts, rel=within)
    assert made.recorded(m)[-1] == pytest.approx(gate, rel=within)


@pytest.mark.parametrize(
    ("x", "found"),
    [("1", 1.0), ("1.5", 2.5), ("-3.25", 10.75), ("-9", 16.0), ("4", 16.0), ("100", 16.0)],
)
def test_a_function_is_interpolated_and_ends_where_its_table_does(x, found):
    mechanism = read_mechanism(FUNCTION % x, usetable=True)
    made = simulation(mechanism)
    y = made.record(0, 0, "y", 1)
    made.run(1.0)
    assert made.recorded(y)[-1] == pytest.approx(found, rel=1e-9)
    assert mechanism.notes == ()


def test_a_table_that_is_not_used_is_said(tmp_path):
    assert len(notes := read_mechanism(TABLE).notes) == 1
    assert notes[0].startswith("<text>:9: TABLE is not used")
    file = tmp_path / "tab.mod"
    file.write_text(TABLE)
    for more, count in (([], 1), (["--usetable"], 0)):
        said = CliRunner().invoke(app, ["mechanism", str(file), "--json", *more])
        assert len(json.loads(said.stdout)["notes"]) == count
    said = CliRunner().invoke(app, ["mechanism", str(file)])
    assert "note: tab.mod:9: TABLE is not used" in " ".join(said.stdout.split())


def test_no_count_is_cut_in_a_narrow_terminal(tmp_path):
    file = tmp_path / "tab.mod"
    file.write_text(TABLE)

    def said(columns):
        found = CliRunner().invoke(app, ["mechanism", str(file)], env={"COLUMNS": columns})
        assert max(map(len, found.stdout.splitlines())) <= int(columns)
        assert "…" not in found.stdout
        return found.stdout.split("operations")[-1] if columns == "80" else found.stdout

    narrow = said("24")
    assert set(re.findall(r"\d+", said("80"))) <= set(re.findall(r"\d+", narrow))
    assert "fused\n  initial" in narrow


def test_what_a_table_leaves_out_is_said_and_what_none_can_be_refused():
    more = TABLE.replace("TABLE minf, mtau", "TABLE minf")
    notes = read_mechanism(more, usetable=True).notes
    assert any("TABLE leaves out mtau" in note for note in notes)
    two = TABLE.replace("rates(v)", "rates(v, 1)").replace("E rates(v, 1)", "E rates(v, x)")
    with pytest.raises(ModelError, match="a TABLE is of a block with one argument"):
        read_mechanism(two, usetable=True)
    with pytest.raises(ModelError, match="WITH a whole number of steps"):
        read_mechanism(TABLE.replace("WITH 20", "WITH gb"), usetable=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equations_that_newtons_method_has_not_solved_end_the_run(dtype):
    made = simulation(read_mechanism(STIFF), dtype, x0v=-0.999)
    x = made.record(0, 0, "x", 1)
    with pytest.raises(RunError, match="stiff: Newton's method did not come to an end"):
        made.run(0.125)
    assert len(made.recorded(x)) == 6  # what ran is kept
    made = simulation(read_mechanism(STIFF, newton=12), dtype, x0v=-0.999)
    x = made.record(0, 0, "x", 1)
    made.run(0.125)
    found = np.asarray(made.recorded(x), float)
    gaps = found[1:] - found[:-1] + 0.025 * found[1:] / (1 + found[1:])
    assert abs(gaps).max() < (1e-12 if dtype == "float64" else 1e-6)
    made = simulation(read_mechanism(STIFF), dtype)
    made.run(1.0)  # from 42 it is an easy one


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("order", ["Y + Z", "Z + Y"])
def test_what_is_conserved_in_unequal_volumes_is_so_in_single_precision(dtype, order):
    mechanism = read_mechanism(UNEQUAL.replace("Y + Z =", f"{order} ="))
    made = simulation(mechanism, dtype)
    records = [made.record(0, 0, name, 1) for name in "XYZ"]
    made.run(1.0)
    expected = [39.99999689300149, 7.9999968930014544, 239.99988814805974]
    for k in (0, 1, -1):
        assert [made.recorded(r)[k] for r in records] == pytest.approx(expected, rel=5e-7)
